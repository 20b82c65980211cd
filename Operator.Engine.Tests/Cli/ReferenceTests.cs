namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>The page about kinds that <c>generate reference</c> prints.</summary>
[TestFixture]
internal sealed class ReferenceTests
{
    private const string Zoo = """
        namespace Demo;

        /// <summary>A zoo with its animals.</summary>
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Zoo", PluralName = "zoos")]
        [KubernetesEntityShortNames("zo")]
        [GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
        [GenericAdditionalPrinterColumn(".status.visitors", "Visitors", "integer", Priority = PrinterColumnPriority.WideView)]
        public class Zoo : CustomKubernetesEntity<Zoo.ZooSpec, Zoo.ZooStatus>
        {
            /// <summary>What is wanted.</summary>
            public class ZooSpec
            {
                /// <summary>Who keeps it: a|b.</summary>
                [Required, Length(1, 9), Pattern("^(a|b)$")]
                public string Keeper { get; set; } = "";

                /// <summary>The animals.</summary>
                [Items(maxItems: 4), XListType(XListType.Map), XListMapKeys("name"), ValidationRule("true", message: "cats keep people")]
                public IList<Animal>? Animals { get; set; }

                /// <summary>Where it is.</summary>
                public V1NodeAffinity? Place { get; set; }

                /// <summary>Its hours.</summary>
                [EnumValues("day", "night"), DefaultValue("day")]
                public IList<string>? Hours { get; set; }
            }

            /// <summary>An animal.</summary>
            public class Animal
            {
                /// <summary>Its name.</summary>
                [Required]
                public string Name { get; set; } = "";

                /// <summary>How many legs it has.</summary>
                [RangeMinimum(0), RangeMaximum(100), DefaultValue(4)]
                public int? Legs { get; set; }
            }

            /// <summary>What is known.</summary>
            public class ZooStatus
            {
                /// <summary>How many came.</summary>
                public long? Visitors { get; set; }

                /// <summary>When it closed.</summary>
                public DateTime? Closed { get; set; }
            }
        }

        /// <summary>Moods of a zoo.</summary>
        public static class ZooMoods
        {
            /// <summary>All is well.</summary>
            public const string Happy = "Happy";
        }
        """;

    [TestCase("`apiVersion: demo.dev/v1`, `kind: Zoo`. To `kubectl` it is `zoo`, `zoos`, `zo`, in the category none. Scope: Namespaced. Subresources: `status`.")]
    [TestCase("`metadata.namespace`: `spec.keeper`.")]
    [TestCase("| Age | `metadata.creationTimestamp` |  |\n| Visitors | `status.visitors` | with `-o wide` |\n")]
    [TestCase("| <a id=\"zoo.spec.keeper\"></a>`keeper` | string | **required**<br>1 to 9 characters<br>matches `^(a\\|b)$` | Who keeps it: a\\|b. |")]
    [TestCase("| <a id=\"zoo.spec.animals\"></a>`animals` | list of [object](#zoo.spec.animals) | at most 4 entries<br>one entry for each `name`<br>cats keep people | The animals. |")]
    [TestCase("| <a id=\"zoo.spec.place\"></a>`place` | Kubernetes' NodeAffinity |  | Where it is. |")]
    [TestCase("| <a id=\"zoo.spec.hours\"></a>`hours` | list of string | default `day`<br>each one of `day`, `night` | Its hours. |")]
    [TestCase("### Zoo spec.animals\n\n| field | type | default, limits | meaning |\n|---|---|---|---|\n| <a id=\"zoo.spec.animals.name\">")]
    [TestCase("| <a id=\"zoo.spec.animals.legs\"></a>`legs` | integer | default `4`<br>0 to 100 | How many legs it has. |")]
    [TestCase("| <a id=\"zoo.status.closed\"></a>`closed` | time |  | When it closed. |")]
    [TestCase("- [Zoo moods](#zoo-moods)\n")]
    [TestCase("## Zoo moods\n\nMoods of a zoo.\n\n| value | meaning |\n|---|---|\n| `Happy` | All is well. |\n")]
    public async Task The_page_has(string words)
    {
        using var assembly = CompiledAssembly.From(Zoo);

        var (code, page, error) = await CommandLineTests.RunAsync("generate", "reference", assembly.Path, "--constants", "ZooMoods", "--selectable", "zoos.demo.dev=.spec.keeper");

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(page, Does.Contain(words));
    }

    [TestCase("--constants Nobody", "no class is called Nobody")]
    [TestCase("--selectable spec.keeper", "say DEFINITION=.path")]
    public async Task A_mistake_is_named(string arguments, string problem)
    {
        using var assembly = CompiledAssembly.From(Zoo);

        var (code, _, error) = await CommandLineTests.RunAsync(["generate", "reference", assembly.Path, .. arguments.Split(' ')]);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(problem));
    }
}
