#!/usr/bin/env bash
# Runs built tests and prints the sums over all of them as the last line.
#   test.sh CONFIGURATION FILTER RUN...
# A run is a project, or a part of one: PROJECT+NAMESPACE is what is in that namespace, PROJECT-NAMESPACE what is not.
set -u
cd "$(dirname "$0")/.."
configuration=$1 filter=$2
shift 2
results=TestResults
rm -rf "$results"
# No process lives long enough here for what the runtime learns of it to pay: without that, tests cost a third less processor time.
export DOTNET_TieredPGO=0
# What a run prints is shown when it has ended.
run() {
    local project=${1%%[+-]*} part=
    case $1 in
        *+*) part="FullyQualifiedName~.${1#*+}" ;;
        *-*) part="FullyQualifiedName!~.${1#*-}" ;;
    esac
    local both="${filter:+($filter)}${filter:+${part:+&}}$part"
    # Of more tests than AssemblySelectLimit the adapter would run all, also those that a filter leaves out, and not tell of these.
    dotnet test "$project" -c "$configuration" --no-build --nologo -v quiet \
        ${both:+--filter "$both"} --results-directory "$results" --logger "trx;LogFileName=$1.trx" -- NUnit.AssemblySelectLimit=100000 >"$results/$1.log" 2>&1
    local status=$?
    cat "$results/$1.log"
    return $status
}
mkdir -p "$results"
passed=0 failed=0 status=0 running=0
# Two at a time: most tests wait for most of their time.
for each; do
    if [ "$running" = 2 ]; then
        wait -n || status=1
        running=1
    fi
    run "$each" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
done
for each; do
    counters=$(grep -o '<Counters [^>]*' "$results/$each.trx" 2>/dev/null) || { echo "$each left no result" >&2; failed=$((failed + 1)); continue; }
    count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
    passed=$((passed + $(count passed)))
    failed=$((failed + $(count failed) + $(count error) + $(count timeout) + $(count aborted)))
done
# Once more at the end, where they are found in a long log.
grep -hoE '<UnitTestResult [^>]*outcome="(Failed|Error|Timeout|Aborted)"[^>]*' "$results"/*.trx 2>/dev/null | sed -E 's/.* testName="([^"]*)".*/failed: \1/'
# A run that crashed after its last result has failed too, whatever the counters say.
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
