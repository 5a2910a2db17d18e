# shellcheck shell=bash disable=SC2154
# The subcommands that all server scripts have. Sourced at their end; they define install, version, start and status, and may
# define end_helpers for what else a server leaves running.
command="${1:-}"
[ "$command" = install ] && [ $# = 1 ] && { install; exit; }
[ "$command" = version ] && [ $# = 1 ] && { version; exit; }
[ $# -ge 2 ] || usage
dir="$2"
port=""
case "$#:${3:-}" in
  2:) ;;
  4:--port) port="$4" ;;
  *) usage ;;
esac
declare -F end_helpers >/dev/null || end_helpers() { :; }
case "$command" in
  start | restart) mkdir -p "$dir" ;;
  stop | kill | status) [ -d "$dir" ] || fail "$command the server in $dir: there is no such folder." ;;
  *) usage ;;
esac
dir=$(cd "$dir" && pwd)
case "$command" in
  start) start "$dir" "$port" ;;
  stop) end_process "$dir" pid TERM; end_helpers "$dir" ;;
  kill) end_process "$dir" pid KILL; end_helpers "$dir" ;;
  restart) end_process "$dir" pid TERM; start "$dir" "$port" ;;
  status) status "$dir" ;;
esac
