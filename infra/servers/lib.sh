# shellcheck shell=bash disable=SC2034
# Shared by the server scripts: private servers on loopback, each with all that it has in one folder.
# Sourced, not run. A server's folder DIR holds: data/, log, pid, port files and credentials (0600).
set -euo pipefail

CACHE="${RESGUARDO_CACHE:-$HOME/.cache/resguardo}"
# A server that is not up after this many seconds is not coming up.
READY_SECONDS=90
STOP_SECONDS=30

fail() { printf 'Failed to %s\n' "$1" >&2; [ $# -lt 2 ] || printf '%s\n' "$2" >&2; exit 1; }

usage() { printf 'usage: %s install | version | start DIR [--port P] | stop DIR | kill DIR | restart DIR | status DIR\n' "$0" >&2; exit 2; }

# A port that nothing listens at now. Another may take it before us: then the start fails and says so.
# Below those that Linux gives to connections that go out: one of these may have it before the server does.
free_port() {
  local port
  while :; do
    port=$((10000 + RANDOM % 22000))
    (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# The content of DIR/NAME; where there is none yet, what the command prints becomes it, readable by its owner only.
kept() {
  local file="$1/$2"
  shift 2
  [ -s "$file" ] || (umask 077; "$@" > "$file")
  cat "$file"
}

# 64 random hexadecimal digits would do no harm in a URI, a configuration file or a command line; 32 are enough.
random_word() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# The recorded pid, if that process is alive and still the one that was recorded (a pid is used again sooner or later).
running_pid() {
  local pid started
  [ -s "$1/$2" ] || return 1
  read -r pid started < "$1/$2"
  [ "$(start_time "$pid")" = "$started" ] && [ -n "$started" ] && echo "$pid"
}

start_time() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

record_pid() { printf '%s %s\n' "$3" "$(start_time "$3")" > "$1/$2"; }

# Waits until the command succeeds; ends early when the process dies.
wait_ready() {
  local dir="$1" pid_file="$2" i
  shift 2
  for ((i = 0; i < READY_SECONDS * 5; i++)); do
    "$@" >/dev/null 2>&1 && return
    running_pid "$dir" "$pid_file" >/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$dir/log" >&2 || true
  fail "start the server in $dir: it did not come up." "The end of its log is above."
}

# SIGNAL to the recorded process; then waits until it is gone, and at last makes sure.
end_process() {
  local dir="$1" pid_file="$2" signal="$3" pid i
  pid=$(running_pid "$dir" "$pid_file") || return 0
  kill -s "$signal" "$pid" 2>/dev/null || true
  for ((i = 0; i < STOP_SECONDS * 10; i++)); do
    running_pid "$dir" "$pid_file" >/dev/null || { rm -f "$dir/$pid_file"; return 0; }
    sleep 0.1
  done
  kill -s KILL "$pid" 2>/dev/null || true
  rm -f "$dir/$pid_file"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi
}
