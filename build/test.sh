#!/usr/bin/env bash
# Runs the built test projects and prints the sums over all of them as the last line.
#   test.sh CONFIGURATION FILTER PROJECT...
set -u
cd "$(dirname "$0")/.."
configuration=$1 filter=$2
shift 2
results=TestResults
rm -rf "$results"
# No process lives long enough here for what the runtime learns of it to pay: without that, tests cost a third less processor time.
export DOTNET_TieredPGO=0
# Two at a time: most tests wait for most of their time. What each prints is shown when it has ended.
run() {
    dotnet test "$1" -c "$configuration" --no-build --nologo -v quiet \
        ${filter:+--filter "$filter"} --results-directory "$results" --logger "trx;LogFileName=$1.trx" >"$results/$1.log" 2>&1
    local status=$?
    cat "$results/$1.log"
    return $status
}
mkdir -p "$results"
passed=0 failed=0 status=0 running=0
for project; do
    if [ "$running" = 2 ]; then
        wait -n || status=1
        running=1
    fi
    run "$project" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
done
for project; do
    counters=$(grep -o '<Counters [^>]*' "$results/$project.trx" 2>/dev/null) || { echo "$project left no result" >&2; failed=$((failed + 1)); continue; }
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
