#!/usr/bin/env bash
# tools.sh [PROGRAM...]: puts the programs that the tests and the demo use, or those named, into .tools/bin: links to those that PATH has and that are good enough;
# on Debian the others come from Debian's packages (debian-packages.sh), elsewhere it says how to get them.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/.tools
suite=${LLMKUBE_TOOLS_SUITE:-sid} # the only one that has llama.cpp

programs=("$@")
[ $# -gt 0 ] || programs=(kubectl llama-server prometheus promtool)

package_of() {
    case $1 in
    llama-server) echo llama.cpp-tools ;;
    promtool) echo prometheus ;;
    *) echo "$1" ;;
    esac
}

advice_for() {
    case $1 in
    kubectl) echo "kubectl 1.30 or newer is missing: see kubernetes.io/docs/tasks/tools, or brew install kubectl" ;;
    llama-server) echo "llama-server is missing: build or download llama.cpp (github.com/ggml-org/llama.cpp), or brew install llama.cpp" ;;
    *) echo "$1 is missing: see prometheus.io/download (it holds both prometheus and promtool), or brew install prometheus" ;;
    esac
}

say() { echo "tools: $*" >&2; }

# works PROGRAM FILE: whether FILE runs here and is new enough.
works() {
    [ -x "$2" ] || return 1
    case $1 in
    kubectl) [ "$("$2" version --client -o json 2>/dev/null | sed -nE 's/.*"minor": *"([0-9]+).*/\1/p' | head -n 1)" -ge 30 ] 2>/dev/null ;;
    *) "$2" --version >/dev/null 2>&1 ;;
    esac
}

# offer PROGRAM FILE: makes FILE what .tools/bin/PROGRAM is.
offer() {
    ln -sfn "$2" "$tools/bin/$1"
    say "$1: $2"
}

offer_from_path() {
    local file
    while read -r file; do
        if [ "$file" != "$tools/bin/$1" ] && works "$1" "$file"; then
            offer "$1" "$file"
            return 0
        fi
    done < <(type -aP "$1")
    return 1
}

# An unpacked program that this machine's libraries can't run, or that looks for its own where they aren't, is started by
# the loader that came with it. The script becomes the program (exec), so that signals reach it.
write_wrapper() {
    local program=$1 root=$2 loader folders backend
    loader=$(find "$root/usr/lib" -name 'ld-linux*.so*' -type f | head -n 1)
    [ -n "$loader" ] || return 1
    # ggml looks for its backends beside the running file, which is then the loader.
    for backend in "${loader%/*}"/ggml/backends*/*.so; do
        [ ! -e "$backend" ] || ln -sf "$backend" "${loader%/*}/"
    done
    folders=$(find "$root/usr/lib" -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:)
    mkdir -p "$root/run"
    cat >"$root/run/$program.new" <<SCRIPT
#!/bin/sh
exec "$loader" --argv0 "\$0" --library-path "$folders" "$root/usr/bin/$program" "\$@"
SCRIPT
    chmod +x "$root/run/$program.new"
    mv "$root/run/$program.new" "$root/run/$program"
}

offer_unpacked() {
    local root=$tools/$(package_of "$1")
    if works "$1" "$root/usr/bin/$1"; then
        offer "$1" "$root/usr/bin/$1"
    elif [ -x "$root/usr/bin/$1" ] && write_wrapper "$1" "$root" && works "$1" "$root/run/$1"; then
        offer "$1" "$root/run/$1"
    else
        return 1
    fi
}

mkdir -p "$tools/bin"
if command -v flock >/dev/null; then # two at once: the second waits and finds the work done
    exec 9>"$tools/lock"
    flock 9
fi

missing=()
for program in "${programs[@]}"; do
    works "$program" "$tools/bin/$program" || offer_from_path "$program" || offer_unpacked "$program" || missing+=("$program")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null || ! grep -qs '^ID=debian$' /etc/os-release; then
    for program in "${missing[@]}"; do say "$(advice_for "$program")"; done
    exit 1
fi

mapfile -t packages < <(for program in "${missing[@]}"; do package_of "$program"; done | sort -u)
build/debian-packages.sh "$suite" "$tools" "${packages[@]}"
for program in "${missing[@]}"; do
    offer_unpacked "$program" || { say "$program from Debian $suite does not run here; $(advice_for "$program")"; exit 1; }
done
