#!/usr/bin/env bash
# Proves that -p:KubeOpsPackages=true builds the product from packages and leaves our stand-ins out, without the packages:
# packs the stand-ins under KubeOps' names into a feed of its own and builds a copy of HEAD against that feed.
# What it can't prove is that KubeOps has what the product uses; kubeops-symbols.txt and its tests stand for that.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=0.0.0-standin
configuration=Debug

echo "Building the stand-ins"
for project in Operator.Engine Operator.Generator Operator.Cli; do
  dotnet build "$project" -c "$configuration" --nologo -v quiet
done

# pack ID "EXTRA METADATA" SOURCE TARGET [SOURCE TARGET]...
pack() {
  local id=$1 metadata=$2 files=""
  shift 2
  while [ $# -gt 0 ]; do
    files+="<file src=\"$PWD/$1\" target=\"$2\" />"
    shift 2
  done
  cat > "$work/pack/$id.nuspec" <<NUSPEC
<package xmlns="http://schemas.microsoft.com/packaging/2012/06/nuspec.xsd">
  <metadata><id>$id</id><version>$version</version><authors>stand-in</authors><description>Stand-in.</description>$metadata</metadata>
  <files>$files</files>
</package>
NUSPEC
  dotnet pack "$work/pack/pack.csproj" --no-build --nologo -v quiet -o "$work/feed" \
    -p:NuspecFile="$work/pack/$id.nuspec" -p:NuspecBasePath="$PWD" -p:NoWarn=NU5100%3BNU5128
}

echo "Packing them under KubeOps' names"
mkdir -p "$work/pack" "$work/feed" "$work/packages" "$work/source"
echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>' > "$work/pack/pack.csproj"
dotnet restore "$work/pack/pack.csproj" --nologo -v quiet
version_of() { sed -n "s/.*Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" Directory.Packages.props; }
out=bin/$configuration/net10.0
pack KubeOps.Abstractions \
  "<dependencies><group targetFramework=\"net10.0\"><dependency id=\"KubernetesClient\" version=\"$(version_of KubernetesClient)\" /></group></dependencies>" \
  "Operator.Abstractions/$out/LlmKube.Operator.Abstractions.dll" lib/net10.0
pack KubeOps.Operator \
  "<dependencies><group targetFramework=\"net10.0\"><dependency id=\"KubeOps.Abstractions\" version=\"$version\" /><dependency id=\"prometheus-net.AspNetCore\" version=\"$(version_of prometheus-net.AspNetCore)\" /></group></dependencies>" \
  "Operator.Engine/$out/LlmKube.Operator.Engine.dll" lib/net10.0
pack KubeOps.Generator "<developmentDependency>true</developmentDependency>" \
  "Operator.Generator/bin/$configuration/netstandard2.0/LlmKube.Operator.Generator.dll" analyzers/dotnet/cs
pack KubeOps.Cli "<packageTypes><packageType name=\"DotnetTool\" /></packageTypes>" \
  "Operator.Cli/$out/LlmKube.Operator.Cli.dll" tools/net10.0/any

echo "Building a copy of HEAD against them"
git archive HEAD | tar -x -C "$work/source"
# The stand-ins go into a package folder of their own: in the user's they would be taken for the real ones later.
installed=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //')
export NUGET_PACKAGES="$work/packages"
dotnet build "$work/source/LlmKube.Operator.sln" -c "$configuration" --nologo -v quiet \
  -p:KubeOpsPackages=true -p:KubeOpsVersion=$version \
  -p:RestoreAdditionalProjectSources="$work/feed" -p:RestoreFallbackFolders="${installed%/}"

for project in Operator.Abstractions Operator.Engine Operator.Generator Operator.Cli; do
  if [ -d "$work/source/$project/bin" ]; then
    echo "$project was built although the packages take its place" >&2
    exit 1
  fi
done
test -f "$work/source/Operator.Tests/$out/LlmKube.Operator.Tests.dll"
echo "The product builds from packages; Abstractions, Engine, Generator and Cli were left out."
