using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class RbacTests
{
    private const string Zoo = """
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Zoo", PluralName = "zoos")]
        public class Zoo : CustomKubernetesEntity<Zoo.S, Zoo.S> { public class S { } }

        """;

    private static readonly Dictionary<string, (string Source, string Rules)> Cases = new()
    {
        ["no attributes, no rights"] = ("public class Controller;", "[]"),
        ["All is spelt out, never a wildcard"] = (
            "[EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.All)] public class Controller;",
            """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list","watch","create","update","patch","delete"]}]"""),
        ["AllExplicit is the same"] = (
            "[EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.AllExplicit)] public class Controller;",
            """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list","watch","create","update","patch","delete"]}]"""),
        ["verbs of several controllers are merged"] = (
            "[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get)] public class A; [EntityRbac(typeof(V1Pod), Verbs = RbacVerb.List | RbacVerb.Get)] public class B;",
            """[{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}]"""),
        ["resources of a group with the same verbs share a rule, others don't"] = (
            "[EntityRbac(typeof(V1Pod), typeof(V1Service), Verbs = RbacVerb.Get), EntityRbac(typeof(V1Secret), Verbs = RbacVerb.List), EntityRbac(typeof(V1Deployment), Verbs = RbacVerb.Get)] public class A;",
            """[{"apiGroups":[""],"resources":["pods","services"],"verbs":["get"]},{"apiGroups":[""],"resources":["secrets"],"verbs":["list"]},{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}]"""),
        ["a kind of our own brings the right to write its status, and nothing else that nobody asked for"] = (
            Zoo + "[EntityRbac(typeof(Zoo), Verbs = RbacVerb.Get | RbacVerb.Watch)] public class A;",
            """[{"apiGroups":["demo.dev"],"resources":["zoos"],"verbs":["get","watch"]},{"apiGroups":["demo.dev"],"resources":["zoos/status"],"verbs":["update"]}]"""),
        ["a foreign kind with a status does not"] = (
            "[EntityRbac(typeof(V1Deployment), Verbs = RbacVerb.Patch)] public class A;",
            """[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["patch"]}]"""),
        ["a kind of our own that nobody asks for brings nothing"] = (Zoo, "[]"),
        ["generic rules name groups, resources and subresources"] = (
            """[GenericRbac(Groups = new[] { "", "events.k8s.io" }, Resources = new[] { "events", "pods/log" }, Verbs = RbacVerb.Create)] public class A;""",
            """[{"apiGroups":[""],"resources":["events","pods/log"],"verbs":["create"]},{"apiGroups":["events.k8s.io"],"resources":["events","pods/log"],"verbs":["create"]}]"""),
        ["generic rules name addresses"] = (
            """[GenericRbac(Urls = new[] { "/metrics" }, Verbs = RbacVerb.Get)] public class A;""",
            """[{"nonResourceURLs":["/metrics"],"verbs":["get"]}]"""),
    };

    public static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public void Rules(string story)
    {
        using var assembly = CompiledAssembly.From(Cases[story].Source);

        Assert.That(assembly.Rules().ToJsonString(), Is.EqualTo(Cases[story].Rules));
    }

    [TestCase("[EntityRbac(typeof(string), Verbs = RbacVerb.Get)] public class Keeper;", "Keeper: [EntityRbac] names String, which has no [KubernetesEntity]")]
    [TestCase("[EntityRbac(typeof(V1Pod))] public class Keeper;", "Keeper: an RBAC attribute names no verbs")]
    [TestCase("""[GenericRbac(Groups = new[] { "*" }, Resources = new[] { "pods" }, Verbs = RbacVerb.Get)] public class Keeper;""", "Keeper: Groups of [GenericRbac] has the wildcard '*'; name each one")]
    [TestCase("""[GenericRbac(Groups = new[] { "" }, Resources = new[] { "pods", "*/scale" }, Verbs = RbacVerb.Get)] public class Keeper;""", "Keeper: Resources of [GenericRbac] has the wildcard '*/scale'; name each one")]
    [TestCase("""[GenericRbac(Urls = new[] { "/apis/*" }, Verbs = RbacVerb.Get)] public class Keeper;""", "Keeper: Urls of [GenericRbac] has the wildcard '/apis/*'; name each one")]
    public void What_makes_no_sense_is_refused_with_its_class(string source, string problem)
    {
        using var assembly = CompiledAssembly.From(source);

        Assert.That(assembly.Rules, Throws.TypeOf<CliException>().With.Message.EqualTo(problem));
    }

    [TestCase("", "persistentvolumes/status", true)]
    [TestCase("resource.k8s.io", "deviceclasses", true)]
    [TestCase("resource.k8s.io", "resourceclaims", false)]
    [TestCase("coordination.k8s.io", "leases", false)]
    [TestCase("demo.dev", "zoos/status", false)]
    [TestCase("demo.dev", "worlds", true)]
    public void A_resource_is_the_clusters(string group, string resource, bool expected)
    {
        const string World = """[KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "World"), EntityScope(EntityScope.Cluster), Ignore] public class World : CustomKubernetesEntity<Zoo.S>;""";
        using var assembly = CompiledAssembly.From(Zoo + World + "[EntityRbac(typeof(World), Verbs = RbacVerb.Get)] public class Keeper;");

        Assert.That(assembly.IsOfCluster(group, resource), Is.EqualTo(expected));
    }

    [Test]
    public void A_resource_that_nobody_tells_of_is_neither_guessed_to_be_in_namespaces_nor_not()
    {
        using var assembly = CompiledAssembly.From(Zoo);

        Assert.That(() => assembly.IsOfCluster("else.dev", "things"), Throws.TypeOf<CliException>().With.Message.StartsWith("'things' in the group 'else.dev': whether it is in namespaces is not known"));
    }
}
