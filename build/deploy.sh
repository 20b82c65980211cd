#!/usr/bin/env bash
# Puts the operator into the cluster that kubectl speaks to, and takes it out again.
#   [IMG=registry/name:tag] [OVERLAY=default] deploy.sh deploy
#   [OVERLAY=default] CLI='dotnet ...Cli.dll' ENTITIES=...Entities.dll deploy.sh undeploy [--force] [--timeout SECONDS]
# Files that are checked in stay as they are: what is applied is rendered below obj/.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:$PWD/.tools/bin
action=${1:-} overlay=${OVERLAY:-default} image=${IMG:-}
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
    namespace=$(deployment | sed -n '/^metadata:/,/^spec:/s/^  namespace: //p')
}

# The operator's Deployment, of what was rendered.
deployment() { awk -v RS='\n---\n' '/(^|\n)kind: Deployment\n/' "$rendered/manifests.yaml"; }

# The patch that leaves out all objects of a kind.
without() { printf -- '- target: {kind: %s}\n  patch: |-\n    $patch: delete\n    kind: Any\n    metadata: {name: any}\n' "$1"; }

# The cluster, before anything is changed. Its context is said, since it is easily another than one thinks; where none is named, kubectl would take that of the
# pod which it runs in, or localhost.
find_cluster() {
    context=$(kubectl config current-context 2>/dev/null) || fail "no cluster is named: KUBECONFIG, or ~/.kube/config, has no current context; kubectl config use-context NAME sets it"
    local answer
    answer=$(kubectl get --raw /version --request-timeout=10s 2>&1) || fail "no cluster answers ($context): $(tail -n 1 <<<"$answer")"
    echo "Cluster: $context" >&2
}

deploy() {
    local name='[a-z0-9][a-zA-Z0-9._/-]*(:[0-9]+/[a-zA-Z0-9._/-]+)?' tag=':[a-zA-Z0-9._-]+' digest='@sha256:[a-f0-9]{64}' patch=
    if [ -n "$image" ]; then
        [[ $image =~ ^$name($tag|($tag)?$digest)$ ]] || fail "IMG=$image must be registry/name:tag, registry/name@sha256:digest or both, registry/name:tag@sha256:digest"
        patch="- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: $operator}
    spec: {template: {spec: {containers: [{name: manager, image: '$image'}]}}}
  target: {kind: Deployment, name: $operator}"
    fi
    render deploy "$patch"
    image=$(deployment | sed -n 's/^ *image: //p')
    [ "$image" != "$operator:$version" ] || fail "IMG is missing, and $folder names no image; for example make deploy IMG=registry.example.com/$operator:$version"
    find_cluster
    kubectl apply -f "$rendered/manifests.yaml"
    cat <<DONE

Applied $folder with the image $image to $context; the manifests are in $rendered/manifests.yaml. Whether it runs:
  kubectl rollout status -n $namespace deployment/$operator
  kubectl logs -n $namespace deployment/$operator
Then try deploy/samples/cpu.yaml. To take all of it away: make undeploy$([ "$overlay" = default ] || echo " OVERLAY=$overlay")
DONE
}

# In the order in which nothing waits for what is gone: objects, while the operator is there to release them; the operator; the definitions; its namespace.
undeploy() {
    local where=() argument all timeout=(--timeout 600)
    for argument in "$@"; do
        case $argument in
        --timeout | --timeout=*) timeout=() ;;
        --force | [0-9]*) ;;
        *) fail "$argument: undeploy takes --force and --timeout SECONDS; the cluster is that of KUBECONFIG and its current context" ;;
        esac
    done
    find_cluster
    render undeploy "$(without CustomResourceDefinition; without Namespace)"

    # An overlay without definitions is for a namespace, and the rest of the cluster is others'.
    all=$(kubectl kustomize "$folder" | sed -n 's/^kind: //p')
    grep -qx CustomResourceDefinition <<<"$all" || where=(--namespace "$namespace")
    $CLI empty "$ENTITIES" "${where[@]}" "${timeout[@]}" "$@" || { echo "Nothing else was removed from $context." >&2; exit 2; }
    kubectl delete -f "$rendered/manifests.yaml" --ignore-not-found --timeout=120s
    [ ${#where[@]} -gt 0 ] || $CLI uninstall "$ENTITIES"
    if grep -qx Namespace <<<"$all"; then remove_namespace; fi
    [ ${#where[@]} -gt 0 ] || where=(-A)
    echo "Removed $folder from $context. Claims with models stay: kubectl get pvc ${where[*]} -l inference.llmkube.dev/managed=true"
}

# With a namespace goes all that is in it, so it goes only if that is ours, or what every namespace has by itself.
remove_namespace() {
    local kinds found others
    kinds=$(kubectl api-resources --verbs=list,delete --namespaced -o name) || fail "the namespace $namespace stays: what is in it can't be told"
    kinds=$(grep -Ev '^(events|leases|endpoints|endpointslices)(\.|$)' <<<"$kinds" | paste -sd,)
    found=$(kubectl get "$kinds" -n "$namespace" -l "app.kubernetes.io/name!=$operator" -o name) || fail "the namespace $namespace stays: what is in it can't be told"
    others=$(grep -vx -e configmap/kube-root-ca.crt -e serviceaccount/default <<<"$found" | paste -sd' ') || true
    if [ -n "$others" ]; then
        echo "The namespace $namespace stays, since there is more in it: $others" >&2
    else
        kubectl delete namespace "$namespace" --ignore-not-found --timeout=120s
    fi
}

case $action in
deploy) deploy ;;
undeploy) undeploy "${@:2}" ;;
*) fail "usage: $0 deploy|undeploy" ;;
esac
