#!/usr/bin/env bash
# Runs the built fuzz tests one after the other, each for so many seconds, and says how to repeat what fails.
#   fuzz.sh CONFIGURATION SECONDS FILTER PROJECT...
set -u
cd "$(dirname "$0")/.."
configuration=$1 seconds=$2 filter=$3
shift 3
results=TestResults/fuzz status=0
rm -rf "$results"
for project; do
    CsCheck_Time=$seconds dotnet test "$project" -c "$configuration" --no-build --nologo \
        --filter "TestCategory=Fuzz${filter:+&($filter)}" --results-directory "$results" \
        --logger "console;verbosity=detailed" --logger "trx;LogFileName=$project.trx" || status=1
    # A failed test's name, and the seed that its message gives.
    [ ! -f "$results/$project.trx" ] || awk -v project="$project" -v configuration="$configuration" '
        match($0, /testName="[^"(]*/) { name = substr($0, RSTART + 10, RLENGTH - 10) }
        match($0, /CsCheck_Seed=[^ ]+/) && !told[name]++ {
            printf "To repeat: %s dotnet test %s -c %s --no-build --filter Name~%s\n", substr($0, RSTART, RLENGTH), project, configuration, name
        }' "$results/$project.trx"
done
exit $status
