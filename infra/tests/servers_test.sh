#!/usr/bin/env bash
# The server scripts start, restart, kill and stop private servers, and leave nothing behind.
# shellcheck disable=SC2034,SC2016 # the checks are words that are evaluated, and use these
set -euo pipefail
cd "$(dirname "$0")/../servers"
work="$(mktemp -d)/with a space"
mkdir -p "$work"
trap './rabbitmq kill "$work/rabbitmq"; [ ! -d "$work/rabbitmq-2" ] || ./rabbitmq kill "$work/rabbitmq-2"; ./minio kill "$work/minio"; rm -rf "${work%/*}"' EXIT

passed=0
check() { if eval "$2"; then passed=$((passed + 1)); else printf 'failed: %s\n' "$1" >&2; exit 1; fi; }
value() { ./"$1" status "$work/$1" | sed -n "s/^$2=//p"; }
# What a node starts has the node's folder in its environment; MinIO starts nothing, and its end is checked by its pid.
of_this_test() { grep -lsF "$work/rabbitmq" /proc/[0-9]*/environ || true; }

for server in minio rabbitmq; do
  case $server in minio) address=store_uri ;; *) address=amqp_uri ;; esac
  ./$server start "$work/$server" > "$work/first"
  check "$server says where it is" 'grep -q "^$address=" "$work/first"'
  pid=$(value $server pid)
  ./$server start "$work/$server" > "$work/second"
  check "$server is not started twice" 'cmp -s "$work/first" "$work/second"'
  check "$server keeps its credentials to its owner" '[ "$(stat -c %a "$work/$server/password")" = 600 ]'
  ./$server kill "$work/$server"
  check "a killed $server is gone" '[ ! -e "/proc/$pid" ] || grep -q "^State:.Z" "/proc/$pid/status"'
  check "a killed $server is told as stopped" '[ "$(./$server status "$work/$server")" = stopped ]'
  ./$server start "$work/$server" > "$work/third"
  check "$server comes back at the same place" '[ "$(grep "^$address=" "$work/first")" = "$(grep "^$address=" "$work/third")" ]'
  ./$server restart "$work/$server" > "$work/fourth"
  check "$server restarts at the same place" '[ "$(grep "^$address=" "$work/first")" = "$(grep "^$address=" "$work/fourth")" ]'
  pid=$(value $server pid)
  ./$server stop "$work/$server"
  check "a stopped $server is gone" '[ ! -e "/proc/$pid" ] || grep -q "^State:.Z" "/proc/$pid/status"'
  check "a stopped $server is told as stopped" '[ "$(./$server status "$work/$server")" = stopped ]'
done
members() { ./rabbitmq ctl "$work/rabbitmq" eval 'length(rabbit_nodes:all_running()).'; }
./rabbitmq start "$work/rabbitmq" > "$work/first"
./rabbitmq start "$work/rabbitmq-2" --join "$work/rabbitmq" > "$work/second"
check "a node joins another" '[ "$(members)" = 2 ]'
check "nodes of a cluster have the same user" '[ "$(grep ^management_user "$work/first")" = "$(grep ^management_user "$work/second")" ]'
check "one that is of its own joins nobody" '! ./rabbitmq start "$work/rabbitmq" --join "$work/rabbitmq-2" 2> /dev/null'
./rabbitmq kill "$work/rabbitmq-2"
./rabbitmq start "$work/rabbitmq-2" > /dev/null
check "a killed node comes back to its cluster" '[ "$(members)" = 2 ]'
./rabbitmq kill "$work/rabbitmq-2"
./rabbitmq stop "$work/rabbitmq"
for _ in $(seq 100); do [ -z "$(of_this_test)" ] && break; sleep 0.1; done
check "no process is left" '[ -z "$(of_this_test)" ]'
check "a wrong call is a usage error" './minio explode "$work/x" 2>/dev/null; [ $? = 2 ]'
printf '%s passed, 0 failed\n' "$passed"
