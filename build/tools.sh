#!/usr/bin/env bash
# Gets the programs that the tests and the demo use and this machine lacks into .tools/bin.
# Debian: from Debian's packages by apt's own client with lists, cache and state of its own, so that nothing of the
# system changes. Elsewhere: uses what PATH has, and says what is missing and how to get it.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/.tools
suite=${LLMKUBE_TOOLS_SUITE:-trixie}
mkdir -p "$tools/bin"

say() { echo "tools: $*" >&2; }
die() { say "$*"; exit 1; }

# minor FILE: the minor version of a kubectl, or 0.
minor() { "$1" version --client -o json 2>/dev/null | sed -nE 's/.*"minor": *"([0-9]+).*/\1/p' | head -n 1; }

kubectl_works() { [ -x "$1" ] && [ "$(minor "$1")" -ge 30 ] 2>/dev/null; }

# private_apt COMMAND...: apt on the system's own mirror and keys, for $suite, with everything else in .tools/apt.
private_apt() { APT_CONFIG="$tools/apt/apt.conf" "$@"; }

prepare_apt() {
    [ ! -e "$tools/apt/ready-$suite" ] || return 0
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        die "kubectl 1.30 or newer is not on PATH and this is no Debian: install kubectl, then run make tools again"
    local mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        sed -nE 's/^URIs:[[:space:]]*([^ ]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]*)?([^ ]+)[[:space:]].*/\2/p' |
        grep -E '/debian/?$' | head -n 1) || true
    [ -n "$mirror" ] || die "apt's sources name no Debian mirror: install kubectl 1.30 or newer, then run make tools again"
    mkdir -p "$tools"/apt/{lists/partial,cache/archives/partial,parts,debs}
    : >"$tools/apt/status"
    for file in /etc/apt/apt.conf.d/*; do # the host's network settings; its hooks would act on the host
        [ ! -f "$file" ] || grep -q Invoke "$file" || cp "$file" "$tools/apt/parts/"
    done
    echo "deb $([ ! -r "$keys" ] || echo "[signed-by=$keys]") $mirror $suite main" >"$tools/apt/sources.list"
    cat >"$tools/apt/apt.conf" <<CONF
Dir::Etc::Parts "$tools/apt/parts";
Dir::Etc::SourceList "$tools/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$tools/apt";
Dir::State::Lists "$tools/apt/lists";
Dir::State::Status "$tools/apt/status";
Dir::Cache "$tools/apt/cache";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
CONF
    say "reading the package list of $suite"
    private_apt apt-get -qq update >&2 || die "apt-get update failed for $suite"
    touch "$tools/apt/ready-$suite"
}

get_kubectl() {
    if kubectl_works "$tools/bin/kubectl"; then return 0; fi
    local system
    if system=$(command -v kubectl) && kubectl_works "$system"; then
        ln -sf "$system" "$tools/bin/kubectl"
        say "kubectl: $system"
        return 0
    fi
    prepare_apt
    say "kubectl: fetching it from $suite"
    (cd "$tools/apt/debs" && private_apt apt-get -qq download kubectl >&2) || die "could not fetch kubectl from $suite"
    dpkg-deb -x "$tools"/apt/debs/kubectl_*.deb "$tools/kubectl"
    rm -f "$tools"/apt/debs/*
    ln -sf "$tools/kubectl/usr/bin/kubectl" "$tools/bin/kubectl"
    kubectl_works "$tools/bin/kubectl" || die "the fetched kubectl does not run, or is older than 1.30"
}

get_kubectl
