# shellcheck shell=bash disable=SC2154
# The Make targets with processes of this machine: private servers, and the programs of bin/, all on loopback. Everything lies
# in one folder, .local/ of the project. Sourced by infra/run.

local_dir="${RESGUARDO_LOCAL_DIR:-$root/.local}"
shared="$local_dir/shared"

# shellcheck source=infra/servers/lib.sh
. "$root/infra/servers/lib.sh"

# Runs a program in the background, under a name of its own; one that runs already is left alone.
#   start_process NAME PROGRAM [ARGUMENT…]
start_process() {
  local name="$1"
  shift
  mkdir -p "$local_dir/run" "$local_dir/logs" "$shared"
  if running_pid "$local_dir/run" "$name" > /dev/null; then echo "$name runs already"; return; fi
  setsid "$@" >> "$local_dir/logs/$name.log" 2>&1 < /dev/null &
  record_pid "$local_dir/run" "$name" $!
  echo "started $name"
}

# The names of the running processes that begin so, in the order of their numbers.
running() {
  local file
  for file in "$local_dir/run/$1"*; do
    [ -e "$file" ] && running_pid "$local_dir/run" "${file##*/}" > /dev/null && echo "${file##*/}"
  done | sort -t- -k3n
}

load_env() {
  [ -r "$local_dir/env" ] || fail "$target: nothing is running." "make docker-compose-up starts everything."
  set -a
  # shellcheck source=/dev/null
  . "$local_dir/env"
  set +a
}

# Operators and nodes have no credential of the store.
without_store=(env -u RESGUARDO_STORE)
# Nobody but operators has that of the broker's administrator: all others have a user of their own, by enrolled.
without_broker=(env -u RESGUARDO_AMQP_URI -u RESGUARDO_MANAGEMENT_URI)
without_both=(env -u RESGUARDO_STORE -u RESGUARDO_AMQP_URI -u RESGUARDO_MANAGEMENT_URI)

# The settings with a user of the broker that may do what its program does and no more: made once, and kept beside the broker that knows it.
#   enrolled FILE-NAME role|node|operator "OPTIONS OF ENROLL" NAME…
enrolled() {
  local file="$local_dir/rabbitmq/users/$1.env" kind="$2" options="$3"
  shift 3
  if [ ! -s "$file" ]; then
    mkdir -p "${file%/*}"
    # A user without its file, as when this was stopped in between, gets another password.
    # shellcheck disable=SC2086 # options are words
    "${without_store[@]}" "$root/bin/admin" "$kind" enroll "$@" $options --save-to-file "$file" > /dev/null 2>&1 ||
      "${without_store[@]}" "$root/bin/admin" "$kind" rotate "$@" --save-to-file "$file" > /dev/null ||
      fail "give $kind $* a user of the broker."
  fi
  printf '%s' "$file"
}
enrolled_role() { enrolled "$1" role "" "$1" "$1"; }

# The settings of a role: its user of the broker, and a key of the store that can do what the role does and no more. Keys last for a
# year and are made anew after a month, beside the store that knows them.
settings_of_role() {
  local key="$local_dir/minio/keys/$1.env" settings="$local_dir/settings/$1.env" user
  user=$(enrolled_role "$1") || exit
  mkdir -p "${key%/*}" "${settings%/*}"
  if [ -z "$(find "$key" -mtime -30 2> /dev/null)" ]; then
    "${without_broker[@]}" "$root/bin/transfer" key --for "$1" --save-to-file "$key" > /dev/null || fail "give $1 a key of the store."
  fi
  (umask 077 && cat "$user" "$key" > "$settings.new" && mv "$settings.new" "$settings") || exit
  printf '%s' "$settings"
}

admin() { load_env; "${without_store[@]}" "$root/bin/admin" "$@"; }

up() {
  local rabbitmq minio
  mkdir -p "$shared"
  "$root/bin/admin" --version > /dev/null # builds it where it is not built, before anyone waits for it
  "$root/infra/servers/rabbitmq" install
  "$root/infra/servers/minio" install
  rabbitmq=$("$root/infra/servers/rabbitmq" start "$local_dir/rabbitmq")
  minio=$("$root/infra/servers/minio" start "$local_dir/minio")
  (
    umask 077
    printf "RESGUARDO_AMQP_URI='%s'\nRESGUARDO_MANAGEMENT_URI='http://%s:%s@%s'\nRESGUARDO_STORE='%s'\n" \
      "$(sed -n 's/^amqp_uri=//p' <<< "$rabbitmq")" "$(sed -n 's/^management_user=//p' <<< "$rabbitmq")" \
      "$(sed -n 's/^management_password=//p' <<< "$rabbitmq")" "$(sed -n 's|^management_url=http://||p' <<< "$rabbitmq")" \
      "$(sed -n 's/^store_uri=//p' <<< "$minio")" > "$local_dir/env"
  )
  load_env
  start_process logger "${without_store[@]}" "$root/bin/admin" logs --follow --wait-for-broker
  local role
  for role in coordinator fetch-worker retention; do settings_of_role "$role" > /dev/null; done
  start_process coordinator "${without_both[@]}" "$root/bin/coordinator" --name coordinator --config "$(settings_of_role coordinator)"
  start_worker 1
  start_process retention "${without_both[@]}" "$root/bin/retention" --name retention --config "$(settings_of_role retention)"
  admin list > /dev/null 2>&1 || { tail -n 5 "$local_dir/logs/coordinator.log" >&2; fail "start the coordinator."; }
  cat <<EOF
Resguardo runs.
  management UI   $(sed -n 's/^management_url=//p' <<< "$rabbitmq")   user and password: $local_dir/rabbitmq/user, password
  MinIO console   $(sed -n 's/^console_url=//p' <<< "$minio")   user and password: $local_dir/minio/user, password
  shared volume   $shared
  web console     make console
  activity        make docker-compose-logs
EOF
}

start_worker() {
  local settings
  settings=$(settings_of_role fetch-worker) || exit
  start_process "fetch-worker-$1" "${without_both[@]}" "$root/bin/fetch-worker" --name "fetch-worker-$1" --config "$settings"
}

down() {
  local name
  kill_creators
  for name in $(running agent-) $(running fetch-worker-) $(running retention) $(running coordinator) $(running logger); do
    end_process "$local_dir/run" "$name" TERM
    echo "stopped $name"
  done
  for name in rabbitmq minio; do
    [ ! -d "$local_dir/$name" ] || "$root/infra/servers/$name" stop "$local_dir/$name"
  done
  rm -f "$local_dir/env"
}

console() {
  load_env
  local settings
  settings=$(enrolled console operator "--may write" console)
  exec "${without_both[@]}" "$root/bin/console" --port "${1:-7070}" --config "$settings"
}

logs() { load_env; touch "$local_dir/logs/logger.log"; exec tail -n +1 -F "$local_dir/logs/logger.log"; }

new_client() {
  load_env
  local port=() settings
  [ -z "$2" ] || port=(--port "$2")
  settings=$(enrolled "node.$1" node "" "$1")
  start_process "agent-$1" "${without_both[@]}" "$root/bin/agent" --config "$settings" --allow "$shared" \
    --cache "$local_dir/cache/$1" "${port[@]}"
}

new_creator() { start_process "creator-$1" "$root/infra/creator/creator" "$1" "$shared/$2"; }

kill_creators() {
  local name
  for name in $(running creator-); do end_process "$local_dir/run" "$name" TERM; echo "stopped $name"; done
}

query() { admin publish query --node "$1" --path "$2" --save-to-file "$3"; }

scale_workers() {
  load_env
  local now=() i
  mapfile -t now < <(running fetch-worker-)
  for ((i = ${#now[@]} - 1; i >= $1; i--)); do
    end_process "$local_dir/run" "${now[$i]}" TERM
    echo "stopped ${now[$i]}"
  done
  for ((i = 1; $(running fetch-worker- | wc -l) < $1; i++)); do
    running_pid "$local_dir/run" "fetch-worker-$i" > /dev/null || start_worker "$i"
  done
  echo "$(running fetch-worker- | wc -l) workers run"
}
