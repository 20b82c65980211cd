using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.Engine.Tests.Surface;

/// <summary>
/// What -p:KubeOpsPackages=true makes of each project, as MSBuild evaluates it. build/try-kubeops-switch.sh goes further and
/// builds with it.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class PackageSwitchTests
{
    private static readonly string Repository = typeof(PackageSwitchTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;

    private static readonly string[] StandIns = ["Operator.Abstractions", "Operator.Engine", "Operator.Generator", "Operator.Cli"];

    [TestCase("Operator.Entities", "KubeOps.Abstractions")]
    [TestCase("Operator", "KubeOps.Operator,KubeOps.Generator,KubeOps.Cli")]
    [TestCase("Operator.Tests", "")]
    public async Task The_product_takes_the_packages_and_none_of_our_stand_ins(string project, string packages)
    {
        var evaluated = await EvaluateAsync(project, packagesInstead: true);

        Assert.That(Items(evaluated, "ProjectReference").Select(Path.GetFileNameWithoutExtension), Has.None.AnyOf(StandIns));
        Assert.That(KubeOpsPackages(evaluated), Is.EquivalentTo(packages.Split(',', StringSplitOptions.RemoveEmptyEntries)));
        Assert.That(Property(evaluated, "IsLeftOut"), Is.EqualTo("false"));
        Assert.That(Property(evaluated, "GenerateOperatorResources"), Is.EqualTo("false"));
    }

    [TestCase("Operator.Engine")]
    [TestCase("Operator.Engine.Tests")]
    public async Task Our_stand_ins_and_what_needs_them_are_left_out(string project)
    {
        var evaluated = await EvaluateAsync(project, packagesInstead: true);

        Assert.That(Property(evaluated, "IsLeftOut"), Is.EqualTo("true"));
        Assert.That(Items(evaluated, "ProjectReference").Concat(Items(evaluated, "PackageReference")), Is.Empty);
    }

    [TestCase("Operator")]
    public async Task Without_the_switch_no_KubeOps_package_is_asked_for(string project)
    {
        var evaluated = await EvaluateAsync(project, packagesInstead: false);

        Assert.That(KubeOpsPackages(evaluated), Is.Empty);
        Assert.That(Items(evaluated, "ProjectReference").Select(Path.GetFileNameWithoutExtension), Has.Some.AnyOf(StandIns));
    }

    private static async Task<JsonNode> EvaluateAsync(string project, bool packagesInstead)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList =
            {
                "msbuild", Path.Combine(Repository, project, $"{project}.csproj"),
                "-p:KubeOpsPackages=" + (packagesInstead ? "true" : "false"),
                "-getItem:ProjectReference,PackageReference,PackageDownload", "-getProperty:IsLeftOut,GenerateOperatorResources",
            },
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, output);
        return JsonNode.Parse(output)!;
    }

    private static IEnumerable<string> KubeOpsPackages(JsonNode evaluated)
        => Items(evaluated, "PackageReference").Concat(Items(evaluated, "PackageDownload"))
            .Where(package => package.StartsWith("KubeOps.", StringComparison.Ordinal));

    // MSBuild writes paths with the separator of the project file.
    private static IEnumerable<string> Items(JsonNode evaluated, string type)
        => evaluated["Items"]![type]!.AsArray().Select(item => item!["Identity"]!.GetValue<string>().Replace('\\', '/'));

    private static string Property(JsonNode evaluated, string name) => evaluated["Properties"]![name]!.GetValue<string>();
}
