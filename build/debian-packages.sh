#!/usr/bin/env bash
# Unpacks Debian packages, each with all that it depends on, into folders of their own, without touching the system.
#   debian-packages.sh SUITE FOLDER PACKAGE...   makes FOLDER/PACKAGE, a small root of its own (usr/bin, usr/lib, ...)
# apt's own client resolves, fetches and verifies, on the system's mirror and keys, with lists, cache and state of its own.
# A folder appears whole or not at all.
set -euo pipefail
suite=$1 folder=$2
shift 2
apt=$folder/apt unpacking=$folder/unpacking

say() { echo "tools: $*" >&2; }
die() { say "$*"; exit 1; }

# The first mirror of Debian itself in apt's sources, in either of their formats; nothing on other systems.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        sed -nE 's/^URIs:[[:space:]]*([^ ]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]*)?([^ ]+)[[:space:]].*/\2/p' |
        grep -E '/debian/?$|^mirror\+file:.*/debian\.list$' | head -n 1
}

prepare_apt() {
    local mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(mirror) || true # one of its files is usually missing
    [ -n "$mirror" ] || die "apt's sources name no Debian mirror"
    rm -rf "$apt"
    mkdir -p "$apt"/{lists/partial,cache,parts}
    : >"$apt/status" # nothing counts as installed, so what a package needs is complete
    for file in /etc/apt/apt.conf.d/*; do # the host's network settings; its hooks would act on the host
        [ ! -f "$file" ] || grep -q Invoke "$file" || cp "$file" "$apt/parts/"
    done
    echo "deb $([ ! -r "$keys" ] || echo "[signed-by=$keys]") $mirror $suite main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::Parts "$apt/parts";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "5";
CONF
    export APT_CONFIG=$apt/apt.conf
    say "reading the package list of Debian $suite"
    apt-get -qq update >&2 || die "apt-get update failed for Debian $suite"
}

unpack() {
    local package=$1 archives=$apt/cache/archives uris deb
    rm -rf "$archives" "$unpacking"
    mkdir -p "$archives/partial" "$unpacking"
    uris=$(apt-get -qq install --yes --print-uris "$package") || die "Debian $suite cannot install $package at present"
    say "$package: $(awk '{bytes += $3} END {printf "fetching %d packages, %.0f MB", NR, bytes / 1e6}' <<<"$uris")"
    apt-get -qq install --yes --download-only "$package" >&2 || die "could not fetch $package from Debian $suite"
    for deb in "$archives"/*.deb; do dpkg-deb -x "$deb" "$unpacking"; done
    find "$unpacking" -type f -perm /6000 -exec chmod ug-s {} + # nothing here is to run as another user
    rm -rf "${folder:?}/$package"
    mv "$unpacking" "$folder/$package"
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || die "there is no apt on this system"
prepare_apt
for package; do unpack "$package"; done
rm -rf "$apt"
