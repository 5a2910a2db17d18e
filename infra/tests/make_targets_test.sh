#!/usr/bin/env bash
# The story of the Make targets, with processes of this machine: each target does what it says, and nothing is left at the end.
# shellcheck disable=SC2016,SC1091 # the checks are words that are evaluated; the environment is made by the test
set -euo pipefail
cd "$(dirname "$0")/../.."
work="$(mktemp -d)/a folder"
mkdir -p "$work"
export RESGUARDO_LOCAL=1 RESGUARDO_LOCAL_DIR="$work/local"
end() {
  local code=$?
  make docker-compose-down > "$work/down" 2>&1 || true
  if [ $code = 0 ]; then rm -rf "${work%/*}"; else echo "Its files are in $work." >&2; tail -n 30 "$work"/local/logs/*.log >&2 || true; fi
  exit $code
}
trap end EXIT

shared="$RESGUARDO_LOCAL_DIR/shared"
passed=0
check() { if eval "$2"; then passed=$((passed + 1)); else printf 'failed: %s\n' "$1" >&2; exit 1; fi; }
eventually() { local i; for ((i = 0; i < 200; i++)); do eval "$2" > /dev/null 2>&1 && { passed=$((passed + 1)); return; }; sleep 0.3; done; check "$1" "$2"; }
admin() { (set -a; . "$RESGUARDO_LOCAL_DIR/env"; unset RESGUARDO_STORE; exec bin/admin "$@"); }
versions() { admin history --node "$1" --path "$2" --json 2> /dev/null | grep -o '"serial":' | wc -l; }
workers() { pgrep -f -c "resguardo.worker.Main --name fetch-worker-" || true; }
# Where a process was given the broker or the store of, as said: its environment, and the file of its --config.
settings() { local pid _; read -r pid _ < "$RESGUARDO_LOCAL_DIR/run/$1" && { tr '\0' '\n' < "/proc/$pid/environ" | grep -s "^RESGUARDO_$2="; grep "^RESGUARDO_$2=" "$(tr '\0' '\n' < "/proc/$pid/cmdline" | sed -n '/^--config$/{n;p}')"; }; }
given() { settings "$1" AMQP_URI | sed -n 's|.*://\([^:]*\):.*|\1|p'; }
alive() { local pid _; read -r pid _ < "$RESGUARDO_LOCAL_DIR/run/$1" && kill -0 "$pid" 2> /dev/null; }

check "a target without its values says how to call it" '! make admin-register-node NODE=x > "$work/out" 2>&1 && grep -q "usage: make admin-register-node" "$work/out"'
check "without servers a target says what to do" '! make new-client NODE=alpha > "$work/out" 2>&1 && grep -q docker-compose-up "$work/out"'
make docker-compose-up > "$work/up"
check "it says where to look" 'grep -q "management UI *http://127.0.0.1:" "$work/up" && grep -q "MinIO console *http://127.0.0.1:" "$work/up"'
check "the credentials are for their owner only" '[ "$(stat -c %a "$RESGUARDO_LOCAL_DIR/env")" = 600 ]'
make docker-compose-up > "$work/again"
check "what runs already is not started again" 'grep -q "coordinator runs already" "$work/again"'

make new-client NODE=alpha PORT=0
make new-content-creator
make admin-register-node NODE=alpha PORT=7001 NODE_PATH=a/file1.txt FREQ=1
eventually "a file that grows has versions" '[ "$(versions alpha "$shared/a/file1.txt")" -ge 2 ]'
make admin-query-node NODE=alpha PATH=a/file1.txt SAVE_TO_FILE="$work/by path.tgz"
check "PATH= names what to query" 'tar -xzOf "$work/by path.tgz" | grep -q " name1$"'
make admin-query-node NODE=alpha NODE_PATH=a/file1.txt SAVE_TO_FILE="$work/by node path.tgz"
check "and so does NODE_PATH=" 'tar -xzOf "$work/by node path.tgz" | grep -q " name1$"'

odd="$shared/o'dd \$HOME & 1-2"
mkdir -p "$odd"
echo odd > "$odd/f"
make admin-register-node NODE=alpha NODE_PATH="$odd" FREQ=1
eventually "a path with a space, a quote and a dollar is backed up" '[ "$(versions alpha "$odd")" -ge 1 ]'
make admin-query-node NODE=alpha PATH="$odd" SAVE_TO_FILE="$work/odd 'name.tgz"
check "and queried" 'tar -xzOf "$work/odd '\''name.tgz" | grep -q odd'
make admin-unregister-node NODE=alpha NODE_PATH="$odd"
check "unregistered, it is listed no more" '! admin list | grep -q "HOME & 1-2"'
check "a query for nothing ends non-zero and leaves no file" '! make admin-query-node NODE=alpha PATH=none SAVE_TO_FILE="$work/none.tgz" 2> /dev/null && [ ! -e "$work/none.tgz" ]'

make init-content-creators > "$work/creators"
check "there are ten creators" '[ "$(ls "$RESGUARDO_LOCAL_DIR"/run/creator-* | wc -l)" = 10 ]'
make scale-workers N=3 > "$work/scaled"
check "three workers run" 'grep -q "^3 workers run" "$work/scaled"'
make init-nodes > "$work/nodes"
check "eight nodes are registered" '[ "$(admin list | grep -c "^node-")" = 8 ]'
eventually "each has a version" '[ "$(admin list | grep "^node-" | grep -c " 00000[1-9] ")" = 8 ]'
make scale-workers N=1 > "$work/scaled"
check "one worker runs" 'grep -q "^1 workers run" "$work/scaled" && ! alive fetch-worker-3'
make kill-content-creators > "$work/killed"
check "no creator is left" '[ "$(grep -c "stopped creator" "$work/killed")" = 10 ]'
for name in coordinator fetch-worker-1 retention; do check "$name has the user of its role at the broker" '[ "$(given "$name")" = "${name%-1}.${name%-1}" ]'; done
for name in coordinator fetch-worker-1 retention; do check "$name has one key of the store, its own" '[ "$(settings "$name" STORE | grep -c .)" = 1 ] && settings "$name" STORE | grep -q "&token=" && ! settings "$name" STORE | grep -q "$(cat "$RESGUARDO_LOCAL_DIR/minio/password")"'; done
check "the keys of the store are for their owner only" '[ -z "$(find "$RESGUARDO_LOCAL_DIR"/minio/keys "$RESGUARDO_LOCAL_DIR"/settings -type f -perm /077)" ]'
check "an agent has that of its node" '[ "$(given agent-node-1)" = node.node-1 ]'
(timeout 5 make docker-compose-logs > "$work/logs" 2>&1) || true
check "the activity of all is in one place" 'grep -q " fetch-worker " "$work/logs" && grep -q " agent " "$work/logs" && grep -q " coordinator " "$work/logs"'

make admin-shutdown
for name in coordinator fetch-worker-1 agent-alpha agent-node-8 logger; do
  eventually "$name has ended" "! alive $name"
done
make docker-compose-down > "$work/down"
check "nothing of this test runs" '! grep -lsF "$RESGUARDO_LOCAL_DIR" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2> /dev/null | grep -vE "/($$|self|thread-self|$PPID)/" | xargs -r -I{} sh -c "tr \"\\0\" \" \" < {}" 2> /dev/null | grep -qE "java|beam|minio"'
printf '%s passed, 0 failed\n' "$passed"
