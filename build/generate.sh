#!/usr/bin/env bash
# Keeps what is generated equal to what the build says: deploy/crds, deploy/rbac and docs/api.md from the entities and controllers, docs/metrics.md and
# docs/options.md from the program itself, THIRD-PARTY-NOTICES from the packages that are published with it.
#   [DOTNET=...] generate.sh CONFIGURATION write|verify
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=$1 action=$2
[ "$action" = write ] || [ "$action" = verify ] || { echo "usage: $0 CONFIGURATION write|verify" >&2; exit 2; }
output=Operator/obj/$configuration/net10.0
generated=$output/manifests
[ -d "$generated" ] || { echo "$generated is missing: make build first" >&2; exit 1; }
stale=0

# compare FILE GENERATED
compare() {
    cmp -s "$1" "$2" && return
    echo "$1 is stale: run \`make generate\` and commit it" >&2
    diff -u "$1" "$2" >&2 || true
    stale=1
}

# page FILE PROGRAM ARGUMENT...: FILE is to hold what the built program prints.
page() {
    local file=$1 printed=$output/${1##*/}
    "${DOTNET:-dotnet}" "${@:2}" >"$printed"
    if [ "$action" = write ]; then cp "$printed" "$file"; else compare "$file" "$printed"; fi
}

program=Operator/bin/$configuration/net10.0/LlmKube.Operator
cli=Operator.Cli/bin/$configuration/net10.0/LlmKube.Operator.Cli.dll
# What objects can be selected by is a patch of the installation, which no attribute of KubeOps has.
mapfile -t selectable < <(awk '/name: .*\.inference\.llmkube\.dev/ { crd = $2 } /jsonPath:/ { print "--selectable=" crd "=" $3 }' deploy/cluster/kustomization.yaml)
page docs/metrics.md "$program.dll" metrics
page docs/options.md "$program.dll" options
page docs/api.md "$cli" generate reference "Operator.Entities/bin/$configuration/net10.0/LlmKube.Operator.Entities.dll" "${selectable[@]}" \
    --constants ModelPhases --constants InferenceServicePhases --constants ConditionTypes --constants Reasons --constants Labels --constants Annotations
page THIRD-PARTY-NOTICES "$cli" generate notices "$program.deps.json" Operator/obj/project.assets.json --introduction build/third-party.txt

for folder in crds rbac; do
    if [ "$action" = write ]; then
        rm -rf "deploy/$folder"
        mkdir -p deploy
        cp -r "$generated/$folder" "deploy/$folder"
        continue
    fi
    # Both ways: a file that is no longer generated is stale, too.
    for file in $({ (cd "$generated/$folder" && find . -type f); (cd "deploy/$folder" 2>/dev/null && find . -type f); } | sort -u | cut -c3-); do
        compare "deploy/$folder/$file" "$generated/$folder/$file"
    done
done
exit $stale
