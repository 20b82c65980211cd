#!/usr/bin/env bash
# Keeps deploy/crds and deploy/rbac equal to what the build generates from the entities and controllers, and docs/metrics.md and docs/options.md to
# what the program says of its metrics and options.
#   [DOTNET=...] generate.sh CONFIGURATION write|verify
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=$1 action=$2
generated=Operator/obj/$configuration/net10.0/manifests
[ -d "$generated" ] || { echo "$generated is missing: make build first" >&2; exit 1; }

stale=0
for page in metrics options; do
    printed=Operator/obj/$configuration/net10.0/$page.md
    "${DOTNET:-dotnet}" "Operator/bin/$configuration/net10.0/LlmKube.Operator.dll" "$page" >"$printed"
    case $action in
    write)
        mkdir -p docs
        cp "$printed" "docs/$page.md"
        ;;
    verify)
        cmp -s "$printed" "docs/$page.md" || {
            echo "docs/$page.md is stale: run \`make generate\` and commit it" >&2
            diff -u "docs/$page.md" "$printed" >&2 || true
            stale=1
        }
        ;;
    esac
done

for folder in crds rbac; do
    case $action in
    write)
        rm -rf "deploy/$folder"
        mkdir -p deploy
        cp -r "$generated/$folder" "deploy/$folder"
        ;;
    verify)
        # Both ways: a file that is no longer generated is stale, too.
        for file in $(cd "$generated/$folder" && ls) $(cd "deploy/$folder" 2>/dev/null && ls); do
            cmp -s "$generated/$folder/$file" "deploy/$folder/$file" && continue
            echo "deploy/$folder/$file is stale: run \`make generate\` and commit it" >&2
            diff -u "deploy/$folder/$file" "$generated/$folder/$file" >&2 || true
            stale=1
        done
        ;;
    *)
        echo "usage: $0 CONFIGURATION write|verify" >&2
        exit 2
        ;;
    esac
done
exit $stale
