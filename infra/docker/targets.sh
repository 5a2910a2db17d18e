# shellcheck shell=bash disable=SC2154
# The Make targets with Docker: the services of docker-compose.yml, and containers of the same image and network for clients and
# content creators. Sourced by infra/run.

# Where the shared volume is in every container.
shared=/shared

compose() { (cd "$root" && docker compose "$@"); }

# The containers that were started beside the services, by what they are.
containers() { docker ps -q --filter "label=resguardo.kind=$1"; }

# Those that were made here; whoever gives the roles others says so with another host.
forget_store_keys() {
  (
    umask 077
    grep -Ev "^(COORDINATOR|WORKER|RETENTION)_STORE=.*@minio:9000/" "$root/.env" > "$root/.env.new" || true
    mv "$root/.env.new" "$root/.env"
  )
}

# A key of the store for each role, that can do what the role does and no more, into .env. Where the store is another (STORE_URI), its
# keys are for whoever has it to make.
store_keys() {
  local role name key
  # shellcheck source=/dev/null
  if [ -n "${STORE_URI:-$(. "$root/.env" && printf '%s' "${STORE_URI:-}")}" ]; then
    forget_store_keys # they are of the MinIO here, and would be taken in place of it
    return 0
  fi
  for role in coordinator:COORDINATOR fetch-worker:WORKER retention:RETENTION; do
    name="${role#*:}_STORE"
    key=$(compose run --rm --no-deps -T keys --for "${role%:*}" | sed -n 's/^RESGUARDO_STORE=//p')
    [ -n "$key" ] || fail "give ${role%:*} a key of the store."
    (
      umask 077
      { grep -v "^$name=" "$root/.env"; printf "%s='%s'\n" "$name" "$key"; } > "$root/.env.new"
      mv "$root/.env.new" "$root/.env"
    )
  done
}

up() {
  "$root/infra/env/make-env"
  compose build coordinator # the image that all have
  compose up --detach --wait rabbitmq minio
  store_keys
  compose up --build --detach --wait
  # shellcheck source=/dev/null
  . "$root/.env"
  cat <<EOF
Resguardo runs.
  management UI   http://127.0.0.1:$RABBITMQ_MANAGEMENT_PORT   user and password: .env
  MinIO console   http://127.0.0.1:$MINIO_CONSOLE_PORT   user and password: .env
  shared volume   $shared in every container
  web console     make console says where
  activity        make docker-compose-logs
EOF
}

down() {
  kill_creators
  containers client | xargs -r docker stop > /dev/null
  compose down
}

# It was started with all others; its log has the address that lets in.
console() { compose logs --no-log-prefix console | grep '^console ' | tail -n 1; }

logs() { compose logs --follow --no-log-prefix logger; }

admin() { compose run --rm --no-deps -T admin "$@"; }

new_client() {
  local port=()
  [ -z "$2" ] || port=(--port "$2" --listen 0.0.0.0)
  compose run --detach --no-deps --label resguardo.kind=client agent --node "$1" --allow "$shared" "${port[@]}"
}

new_creator() { compose run --detach --no-deps --label resguardo.kind=creator creator "$1" "$shared/$2"; }

kill_creators() { containers creator | xargs -r docker stop > /dev/null; }

# The file is written by the operator's user, outside of any container: first beside its place, so that it appears whole.
query() {
  local folder name
  folder=$(cd "$(dirname "$3")" && pwd -P)
  name=$(basename "$3")
  compose run --rm --no-deps -T --user "$(id -u):$(id -g)" --volume "$folder:/save" admin \
    publish query --node "$1" --path "$2" --save-to-file "/save/$name"
}

scale_workers() { compose up --detach --no-recreate --no-build --scale "fetch-worker=$1" fetch-worker; }
