#!/usr/bin/env bash
# The manifests of infra/kubernetes are built as users build them, held against the schemas of Kubernetes and of the operators' resources,
# and read by a linter. Then each of these is shown to say no. No cluster takes them here.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(infra/servers/kubernetes folder)
for program in kustomize kubeconform kube-score; do
  [ -x "$bin/$program" ] && continue
  echo "kubernetes: $program is not there (infra/servers/kubernetes install), the manifests are not checked" >&2
  [ "${RESGUARDO_REQUIRE_REAL:-}" != 1 ]
  exit
done
read -r -a versions <<< "$(infra/servers/kubernetes versions)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Fields that no schema names are refused, and so are resources without a schema.
fits() {
  local version
  for version in "${versions[@]}"; do
    "$bin/kubeconform" -strict -schema-location "$bin/schemas/$version/{{.ResourceKind}}{{.KindSuffix}}.json" \
      -schema-location 'infra/tests/kubernetes/schemas/{{.Group}}_{{.ResourceKind}}_{{.ResourceAPIVersion}}.json' "$@" || return 1
  done
}

# No limit of CPU on purpose (docs/kubernetes.md); images have tags that stay.
lints() {
  "$bin/kube-score" score --output-format ci --ignore-container-cpu-limit --ignore-test container-image-pull-policy "$@" > "$work/lint" ||
    { grep '^\[CRITICAL\]' "$work/lint"; return 1; }
}

for folder in example agents/daemonset agents/volume; do
  built="$work/${folder//\//-}.yaml"
  "$bin/kustomize" build "infra/kubernetes/$folder" > "$built"
  fits "$built"
done
fits -summary "$work"/*.yaml
lints "$work"/*.yaml

# What each has to refuse: how the file is edited, and by whom it is refused.
refuses() {
  sed "$2" "$work/$3" > "$work/edited.yaml"
  ! cmp -s "$work/edited.yaml" "$work/$3" || { echo "kubernetes: '$2' changes nothing in $3"; exit 1; }
  ! "$1" "$work/edited.yaml" > /dev/null 2>&1 || { echo "kubernetes: '$2' in $3 should have been refused"; exit 1; }
}
refuses fits 's/terminationGracePeriodSeconds:/terminationGracePeriod:/' example.yaml    # a field that there is not
refuses fits 's/cooldownPeriod: 300/cooldownPeriod: soon/' example.yaml                  # in the resource of an operator
refuses fits 's/containerPort: 9400/containerPort: health/' agents-daemonset.yaml
refuses fits 's/restartPolicy: Always/restartPolicy: [Always]/' agents-volume.yaml
refuses fits 's/kind: RabbitmqCluster/kind: RabbitCluster/' example.yaml                 # a resource that nobody knows
refuses lints 's/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/' example.yaml
refuses lints 's/newTag: .*//; s/resguardo:0.1.0/resguardo/' example.yaml
echo "kubernetes: the manifests fit ${versions[*]}, and what is wrong is refused"
