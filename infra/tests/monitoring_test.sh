#!/usr/bin/env bash
# The alerts can be read, and say of made-up figures what they should; and what they ask of MinIO, a real one answers to whoever has a
# token of minio-token. The first needs promtool, and says so where it is not.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'infra/servers/minio stop "$work/minio" > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
cp infra/monitoring/* "$work"

infra/servers/minio start "$work/minio" > "$work/facts"
infra/monitoring/minio-token "$(cat "$work/minio/user")" < "$work/minio/password" > "$work/minio.token"
# figures PATH TOKEN: what MinIO answers there
figures() {
  (
    exec 3<> "/dev/tcp/127.0.0.1/$(cat "$work/minio/port")"
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\n\r\n' "$1" "$(cat "$work/minio/port")" "$2" >&3
    cat <&3
  )
}
path=$(sed -n 's/^ *metrics_path: //p' "$work/prometheus.yml")
for asked in "$path" /minio/metrics/v3/cluster/health; do figures "$asked" "$(cat "$work/minio.token")"; done > "$work/figures"
mapfile -t names < <(grep -o '\bminio_[a-z_]*' "$work/alerts.yml" | sort -u)
[ "${#names[@]}" -ge 4 ]
for name in "${names[@]}"; do
  grep -q "^${name}[{ ]" "$work/figures" || { echo "monitoring: MinIO has no $name"; exit 1; }
done
# Whoever has a token that somebody else made is told nothing.
grep -q '^HTTP/1.[01] 403' <(figures "$path" "$(infra/monitoring/minio-token "$(cat "$work/minio/user")" <<< another)")
echo "monitoring: MinIO has the figures that alerts ask for"

if ! command -v promtool > /dev/null; then
  echo "monitoring: promtool is not installed, the alerts are not checked"
  exit 0
fi
cd "$work"
promtool check config prometheus.yml
promtool test rules alerts_test.yml
