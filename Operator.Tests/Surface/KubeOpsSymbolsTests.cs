using System.Reflection;

using KubeOps.Abstractions.Builder;

namespace LlmKube.Operator.Tests.Surface;

/// <summary>
/// The drop-in promise: the product uses of KubeOps only what KubeOps has, by the names and defaults that it has there.
/// kubeops-symbols.txt says what that is; it is written from KubeOps' reference, never from our own code.
/// </summary>
public sealed class KubeOpsSymbolsTests
{
    private static readonly HashSet<string> InPlaceOfKubeOps =
        ["LlmKube.Operator.Abstractions", "LlmKube.Operator.Engine", "LlmKube.Operator.Generator", "LlmKube.Operator.Cli"];

    private static readonly string[] Product = ["LlmKube.Operator.Entities.dll", "LlmKube.Operator.dll", "LlmKube.Operator.Tests.dll"];

    // Our two projects, or KubeOps' packages: whatever this was compiled against.
    private static readonly DeclaredSymbols[] Surface =
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileName(file).StartsWith("KubeOps.", StringComparison.Ordinal)
                || InPlaceOfKubeOps.Contains(Path.GetFileNameWithoutExtension(file)))
            .Select(DeclaredSymbols.Of),
    ];

    private static readonly HashSet<Symbol> List = [.. Symbol.Parse(File.ReadLines(Path.Combine(
        typeof(KubeOpsSymbolsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!,
        "Operator.Tests/Surface/kubeops-symbols.txt")))];

    [TestCaseSource(nameof(Product))]
    public void The_product_uses_of_KubeOps_only_what_is_listed(string assembly)
        => Assert.That(Unlisted(assembly, List), Is.Empty);

    [Test]
    public void Our_stand_in_declares_what_is_listed_and_nothing_else()
    {
        if (!InPlaceOfKubeOps.Contains(typeof(IOperatorBuilder).Assembly.GetName().Name!))
        {
            Assert.Ignore("This is compiled against KubeOps' own packages, which declare much more.");
        }

        var declared = Surface.SelectMany(each => each.All).ToHashSet();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(declared.Except(List), Is.Empty, "declared by us, and not listed: KubeOps may not have it");
            Assert.That(List.Except(declared), Is.Empty, "listed, and not declared so by us");
        }
    }

    [TestCaseSource(nameof(Product))]
    public void The_product_knows_nothing_else_of_what_stands_in_for_KubeOps(string assembly)
        => Assert.That(
            ReferencedSymbols.TypesFrom(InOutput(assembly), InPlaceOfKubeOps).Where(type => !type.StartsWith("KubeOps.", StringComparison.Ordinal)),
            Is.Empty);

    [TestCaseSource(nameof(Product))]
    public void The_product_adds_nothing_to_the_namespaces_of_KubeOps(string assembly)
        => Assert.That(ReferencedSymbols.OwnKubeOpsTypes(InOutput(assembly)), Is.Empty);

    [TestCase("class KubeOps.Abstractions.Entities.Attributes.GenericAdditionalPrinterColumnAttribute", "PrinterColumnPriority Priority { get; init; }")]
    [TestCase("class KubeOps.Abstractions.Entities.Attributes.PatternAttribute", "new(string regexPattern)")]
    [TestCase("abstract class KubeOps.Abstractions.Entities.CustomKubernetesEntity<TSpec, TStatus>", "")]
    public void A_use_of_something_that_is_not_listed_is_found(string type, string member)
    {
        var symbol = new Symbol(type, member);

        Assert.That(List, Does.Contain(symbol));
        Assert.That(Unlisted("LlmKube.Operator.Entities.dll", [.. List.Except([symbol])]), Is.EqualTo(new[] { symbol.ToString() }));
    }

    private static string InOutput(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    private static IEnumerable<string> Unlisted(string assembly, HashSet<Symbol> list) =>
        from key in ReferencedSymbols.Of(InOutput(assembly))
        let symbol = Surface.Select(each => each.Find(key)).FirstOrDefault(found => found is not null)
        where symbol is null || !list.Contains(symbol.Value)
        orderby key
        select symbol is null ? $"{key} (not found)" : symbol.Value.ToString();
}
