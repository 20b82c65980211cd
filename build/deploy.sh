#!/usr/bin/env bash
# Puts the operator into the cluster that kubectl speaks to, and takes it out again.
#   IMG=registry/name:tag [OVERLAY=default] deploy.sh deploy
#   [OVERLAY=default] CLI='dotnet ...Cli.dll' ENTITIES=...Entities.dll deploy.sh undeploy [--force] [--timeout SECONDS]
# Files that are checked in stay as they are: what is applied is rendered below obj/.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:$PWD/.tools/bin
action=${1:-} overlay=${OVERLAY:-default}
operator=llmkube-operator
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)

fail() { echo "error: $*" >&2; exit 2; }

folder=deploy/overlays/$overlay
[ "$overlay" != default ] || folder=deploy/default
case $overlay in *[!a-z0-9-]*) folder= ;; esac
[ -f "$folder/kustomization.yaml" ] || fail "OVERLAY=$overlay: there is none of this name; there are default $(cd deploy/overlays && echo *)"
command -v kubectl >/dev/null || fail "kubectl is missing; make tools gets it"

# render NAME PATCHES: the overlay with patches, as $rendered/manifests.yaml.
render() {
    rendered=obj/$1/$overlay
    mkdir -p "$rendered"
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../../%s]\npatches:\n%s\n' "$folder" "$2" >"$rendered/kustomization.yaml"
    kubectl kustomize "$rendered" >"$rendered/manifests.yaml"
    namespace=$(sed -n '/^  namespace: /{s///p;q}' "$rendered/manifests.yaml")
}

# The cluster, before anything is changed. Its context is said, since it is easily another than one thinks.
find_cluster() {
    context=$(kubectl config current-context 2>/dev/null) || context='no context of a kubeconfig'
    local answer
    answer=$(kubectl get --raw /version --request-timeout=10s 2>&1) || fail "no cluster answers ($context): $(tail -n 1 <<<"$answer")"
}

deploy() {
    [ -n "${IMG:-}" ] || fail "IMG is missing; for example make deploy IMG=registry.example.com/$operator:$version"
    [[ $IMG =~ ^[a-z0-9][a-zA-Z0-9._/-]*(:[0-9]+/[a-zA-Z0-9._/-]+)?(:[a-zA-Z0-9._-]+|@sha256:[a-f0-9]{64})$ ]] ||
        fail "IMG=$IMG must be registry/name:tag or registry/name@sha256:digest"
    find_cluster
    render deploy "- target: {kind: Deployment, name: $operator}
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/image
      value: $IMG"
    kubectl apply -f "$rendered/manifests.yaml"
    cat <<DONE

Applied $folder with the image $IMG to $context; the manifests are in $rendered/manifests.yaml. Whether it runs:
  kubectl rollout status -n $namespace deployment/$operator
  kubectl logs -n $namespace deployment/$operator
Then try deploy/samples/cpu.yaml. To take all of it away: make undeploy$([ "$overlay" = default ] || echo " OVERLAY=$overlay")
DONE
}

# In the order in which nothing waits for what is gone: objects, while the operator is there to release them; the operator; the definitions.
undeploy() {
    local where=() argument timeout=(--timeout 600)
    for argument in "$@"; do
        case $argument in
        --timeout | --timeout=*) timeout=() ;;
        --force | [0-9]*) ;;
        *) fail "$argument: undeploy takes --force and --timeout SECONDS; the cluster is that of KUBECONFIG and its current context" ;;
        esac
    done
    find_cluster
    render undeploy '- target: {kind: CustomResourceDefinition}
  patch: |-
    $patch: delete
    kind: Any
    metadata: {name: any}'

    # An overlay without definitions is for a namespace, and the rest of the cluster is others'.
    kubectl kustomize "$folder" >"$rendered/all.yaml"
    grep -q '^kind: CustomResourceDefinition' "$rendered/all.yaml" || where=(--namespace "$namespace")
    $CLI empty "$ENTITIES" "${where[@]}" "${timeout[@]}" "$@" || { echo "Nothing else was removed from $context." >&2; exit 2; }
    kubectl delete -f "$rendered/manifests.yaml" --ignore-not-found --timeout=120s
    [ ${#where[@]} -gt 0 ] || $CLI uninstall "$ENTITIES"
    [ ${#where[@]} -gt 0 ] || where=(-A)
    echo "Removed $folder from $context. Claims with models stay: kubectl get pvc ${where[*]} -l inference.llmkube.dev/managed=true"
}

case $action in
deploy) deploy ;;
undeploy) undeploy "${@:2}" ;;
*) fail "usage: $0 deploy|undeploy" ;;
esac
