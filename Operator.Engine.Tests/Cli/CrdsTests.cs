using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;
using LlmKube.Operator.Cli.Manifests;
using LlmKube.Operator.Engine.Tests.Generator;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class CrdsTests
{
    private const string Zoo = """
        [assembly: System.Reflection.AssemblyMetadata("KubernetesCategories", "all,pets")]

        namespace Demo;

        /// <summary>A zoo with its animals.</summary>
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Zoo", PluralName = "zoos")]
        [KubernetesEntityShortNames("zo", "menagerie")]
        [EntityScope(EntityScope.Cluster)]
        [ScaleSubresource(".spec.keepers", ".status.keepers", ".status.selector")]
        [GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Description = "How old it is.")]
        [GenericAdditionalPrinterColumn(".status.phase", "Phase", "string", Priority = PrinterColumnPriority.WideView, Format = "byte")]
        public class V1Zoo : CustomKubernetesEntity<V1Zoo.ZooSpec, V1Zoo.ZooStatus>
        {
            public class ZooSpec
            {
                /// <summary>Who keeps the animals.</summary>
                [RangeMinimum(0), RangeMaximum(10), DefaultValue(1)]
                [AdditionalPrinterColumn(name: "Keepers")]
                public int? Keepers { get; set; }

                /// <summary>When it opens.</summary>
                [AdditionalPrinterColumn(PrinterColumnPriority.WideView)]
                public DateTime? Opens { get; set; }

                /// <summary>The animals by name. The rule holds for each of them.</summary>
                [XListType(XListType.Map), XListMapKeys("name")]
                [ValidationRule("self.all(a, a.name != 'cat')", message: "cats keep people")]
                public IList<Animal>? Animals { get; set; }
            }

            /// <summary>An animal.</summary>
            public class Animal
            {
                /// <summary>Its name, "true" for instance.</summary>
                [Required, Length(1, 63), DefaultValue("true")]
                public string Name { get; set; } = "";

                /// <summary>What it eats a day.</summary>
                public IDictionary<string, ResourceQuantity>? Food { get; set; }
            }

            public class ZooStatus
            {
                public string? Phase { get; set; }
                public int Keepers { get; set; }
                public string? Selector { get; set; }
            }
        }

        [Obsolete("demo.dev/v1beta1 goes next year; use v1")]
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1beta1", Kind = "Zoo", PluralName = "zoos")]
        [EntityScope(EntityScope.Cluster)]
        public class V1Beta1Zoo : CustomKubernetesEntity<V1Beta1Zoo.ZooSpec>
        {
            public class ZooSpec { public int Keepers { get; set; } }
        }

        [EntityRbac(typeof(V1Zoo), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch)]
        [EntityRbac(typeof(V1Pod), Verbs = RbacVerb.All)]
        [GenericRbac(Groups = new[] { "" }, Resources = new[] { "events" }, Verbs = RbacVerb.Create | RbacVerb.Patch)]
        [GenericRbac(Groups = new[] { "" }, Resources = new[] { "nodes", "nodes/status" }, Verbs = RbacVerb.Get)]
        [GenericRbac(Groups = new[] { "coordination.k8s.io" }, Resources = new[] { "leases" }, Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
        [GenericRbac(Groups = new[] { "authentication.k8s.io" }, Resources = new[] { "tokenreviews" }, Verbs = RbacVerb.Create)]
        [GenericRbac(Urls = new[] { "/food" }, Verbs = RbacVerb.Get)]
        public class Keeper;
        """;

    [Test]
    public void A_whole_operator_s_manifests_look_like_this()
    {
        using var assembly = CompiledAssembly.From(Zoo);
        using var set = AssemblySet.Open([assembly.Path]);
        var files = OperatorManifests.Build(set, new OperatorNames("zoo-operator", "keeper", "zoo-system", "zoo"), ManifestFormat.Yaml);

        GoldenFolder.Check("Cli/Zoo", files.ToDictionary(f => f.Path.Replace('/', '.') + ".yaml", f => ManifestFormat.Yaml.Write(f.Content)));
    }

    [Test]
    public void The_same_assembly_gives_the_same_text()
    {
        using var assembly = CompiledAssembly.From(Zoo);
        var first = Yaml.Write(assembly.Crds().Single());

        Assert.That(Yaml.Write(assembly.Crds().Single()), Is.EqualTo(first));
    }

    [TestCase("v1 v1beta1 v1alpha1", "v1")]
    [TestCase("v10 v2 v1beta2 v1beta1 v1alpha3", "v10")]
    [TestCase("v1alpha1 zebra", "v1alpha1")]
    public void The_newest_version_is_first_and_stored(string newestFirst, string stored)
    {
        var versions = newestFirst.Split(' ');
        using var assembly = CompiledAssembly.From(string.Join('\n', versions.Reverse().Select((v, i) => Kind(v, i))));

        Assert.That(Versions(assembly).Select(v => (string?)v["name"]), Is.EqualTo(versions));
        Assert.That((string?)Versions(assembly).Single(v => (bool)v["storage"]!)["name"], Is.EqualTo(stored));
    }

    [Test]
    public void A_marked_version_is_stored_instead()
    {
        using var assembly = CompiledAssembly.From(Kind("v2", 1) + "[StorageVersion]" + Kind("v1", 2));

        Assert.That((string?)Versions(assembly).Single(v => (bool)v["storage"]!)["name"], Is.EqualTo("v1"));
    }

    [Test]
    public void Two_versions_can_not_both_be_stored()
    {
        using var assembly = CompiledAssembly.From("[StorageVersion]" + Kind("v2", 1) + "[StorageVersion]" + Kind("v1", 2));

        Assert.That(
            assembly.Crds,
            Throws.TypeOf<CliException>().With.Message.EqualTo("zoos.demo.dev: only one version can be stored, and v2 and v1 are marked [StorageVersion]"));
    }

    [TestCase("""[Obsolete("use v2")]""", true)]
    [TestCase("""[Obsolete("use v2", error: true)]""", false)]
    public void A_version_that_is_obsolete_as_an_error_is_no_longer_served(string attribute, bool isServed)
    {
        using var assembly = CompiledAssembly.From(Kind("v2", 1) + attribute + Kind("v1", 2));
        var v1 = Versions(assembly).Single(v => (string?)v["name"] == "v1");

        Assert.That(((bool?)v1["served"], (bool?)v1["deprecated"], (string?)v1["deprecationWarning"]), Is.EqualTo((isServed, (bool?)true, "use v2")));
    }

    [Test]
    public void Two_classes_of_one_version_are_refused()
    {
        using var assembly = CompiledAssembly.From(Kind("v1", 1) + Kind("v1", 2));

        Assert.That(assembly.Crds, Throws.TypeOf<CliException>().With.Message.EqualTo("zoos.demo.dev: two classes claim one version"));
    }

    [Test]
    public void An_ignored_or_abstract_class_is_no_kind()
    {
        using var assembly = CompiledAssembly.From("[Ignore]" + Kind("v1", 1) + Kind("v2", 2).Replace("public class", "public abstract class"));

        Assert.That(assembly.Crds(), Is.Empty);
    }

    private static string Kind(string version, int number) => $$"""
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "{{version}}", Kind = "Zoo", PluralName = "zoos")]
        public class Zoo{{number}} : CustomKubernetesEntity { }
        """;

    private static JsonNode[] Versions(CompiledAssembly assembly) => [.. assembly.Crds().Single()["spec"]!["versions"]!.AsArray().Select(v => v!)];
}
