using System.Reflection;

using k8s;

using KubeOps.Abstractions.Entities;

namespace LlmKube.Operator.Engine.Tests.Generator;

public sealed class GeneratedSourcesTests
{
    [Test]
    public void An_operator_gets_the_files_that_are_checked_in()
    {
        var project = GeneratedProject.Of(SampleSources.Entities, SampleSources.Controllers, SampleSources.Finalizers);

        GoldenFolder.Check("Generator/Operator", project.Files);
        Assert.That(project.Complaints, Is.Empty);
        Assert.That(project.Said, Is.Empty);
    }

    [Test]
    public void The_generated_code_registers_everything_once()
    {
        var builder = Registered(
            GeneratedProject.Of(SampleSources.Entities, SampleSources.Controllers, SampleSources.Finalizers));

        Assert.That(builder.Calls, Is.EqualTo(new[]
        {
            "BarnController of Barn",
            "CowController of Cow by fields Named",
            "PodWatch of V1Pod by labels Managed",
            "BarnFinalizer of Barn as farm.dev/barnfinalizer",
            "SweepYard of Barn as farm.dev/sweepyardfinalizer",
        }));
    }

    [Test]
    public void A_partial_entity_knows_its_kind_from_birth_and_any_other_is_initialized()
    {
        var assembly = GeneratedProject.Of(SampleSources.Entities).Load();

        var barn = New<IKubernetesObject>(assembly, "Farm.Barn");
        Assert.That((barn.ApiVersion, barn.Kind), Is.EqualTo(("farm.dev/v1alpha1", "Barn")));

        var cow = New<IKubernetesObject>(assembly, "Farm.Cow");
        Assert.That(cow.Kind, Is.Null);
        Static(assembly, "EntityInitializer", "Initialize", cow);
        Assert.That((cow.ApiVersion, cow.Kind), Is.EqualTo(("farm.dev/v1", "Cow")));
    }

    [Test]
    public void The_table_of_kinds_holds_their_names()
    {
        var table = GeneratedProject.Of(SampleSources.Entities).Load().GetType("EntityDefinitions")!;

        Assert.That(table.GetField("Barn")!.GetValue(null), Is.EqualTo(new EntityMetadata("Barn", "v1alpha1", "farm.dev", "barns")));
        Assert.That(table.GetField("Cow")!.GetValue(null), Is.EqualTo(new EntityMetadata("Cow", "v1", "farm.dev")));
    }

    public static IEnumerable<TestCaseData> EntityShapes()
    {
        yield return Shape("a parameterless constructor of its own", "partial class E : CustomKubernetesEntity { public E() { } }", false);
        yield return Shape("a primary constructor", "partial class E(int size) : CustomKubernetesEntity { public int Size => size; }", false);
        yield return Shape("a constructor with a parameter only", "partial class E : CustomKubernetesEntity { public E(int size) { } }", true);
        yield return Shape("no partial", "class E : CustomKubernetesEntity { }", false);
        yield return Shape("a static constructor", "partial class E : CustomKubernetesEntity { static E() { } }", true);

        static TestCaseData Shape(string name, string code, bool constructed)
            => new TestCaseData(code, constructed).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(EntityShapes))]
    public void A_constructor_is_added_where_it_has_room(string code, bool constructed)
    {
        var project = GeneratedProject.Of(
            SampleSources.Usings + """[KubernetesEntity(Group = "g", ApiVersion = "v1", Kind = "E")] public """ + code);

        Assert.That(project.Complaints, Is.Empty);
        Assert.That(project.Files.ContainsKey("E.init.g.cs"), Is.EqualTo(constructed));
        Assert.That(project.Files.ContainsKey("EntityInitializer.g.cs"), Is.EqualTo(!constructed));
    }

    [Test]
    public void Names_that_clash_nested_classes_and_odd_strings_still_compile()
    {
        var project = GeneratedProject.Of(
            SampleSources.Usings +
            """
            namespace A { [KubernetesEntity(Group = "a\"b\\", ApiVersion = "v1", Kind = "E")] public partial class E : CustomKubernetesEntity { } }
            namespace B { public partial class Outer { public partial record Middle { [KubernetesEntity(ApiVersion = "v2")] public partial class E : CustomKubernetesEntity { } } } }
            namespace B { public class Closed { [KubernetesEntity(Kind = "Inner")] public partial class Inner : CustomKubernetesEntity { } } }
            """,
            SampleSources.Usings + "namespace A; " + SampleSources.Finalizer("Sweeper", "A.E"),
            SampleSources.Usings + "namespace B; " + SampleSources.Finalizer("Sweeper", "B.Outer.Middle.E"));

        Assert.That(project.Complaints, Is.Empty);
        Assert.That(project.Said, Is.Empty);
        var nested = New<IKubernetesObject>(project.Load(), "B.Outer+Middle+E");
        Assert.That((nested.ApiVersion, nested.Kind), Is.EqualTo(("v2", "E")));
        Assert.That(Registered(project).Calls, Is.EqualTo(new[]
        {
            "Sweeper of E as a\"b\\/sweeperfinalizer", "Sweeper of E as sweeperfinalizer",
        }));
    }

    [Test]
    public void Abstract_and_generic_controllers_are_bases_not_controllers()
    {
        var project = GeneratedProject.Of(
            SampleSources.Entities,
            SampleSources.Usings + "namespace Farm; "
            + SampleSources.Controller("Base", "Barn").Replace("public class", "public abstract class", StringComparison.Ordinal)
            + " public class Derived : Base { } "
            + " public partial class Derived2 : Base { } public partial class Derived2 : System.IDisposable { public void Dispose() { } }");

        Assert.That(Registered(project).Calls, Is.EqualTo(new[] { "Derived of Barn", "Derived2 of Barn" }));
    }

    [Test]
    public void The_same_files_come_out_whatever_the_order_of_the_sources()
    {
        string[] sources = [SampleSources.Entities, SampleSources.Controllers, SampleSources.Finalizers];

        Assert.That(
            GeneratedProject.Of([.. sources.Reverse()]).Files, Is.EquivalentTo(GeneratedProject.Of(sources).Files));
    }

    [Test]
    public void A_project_without_entities_and_components_gets_nothing()
        => Assert.That(GeneratedProject.Of("class Nothing { }").Files, Is.Empty);

    [Test]
    public void With_a_host_to_compose_RegisterComponents_exists_even_while_there_is_nothing_to_register()
    {
        var project = GeneratedProject.Of("namespace KubeOps.Operator { public static class ServiceCollectionExtensions { } }");

        Assert.That(project.Files.Keys, Is.EqualTo(new[] { "OperatorBuilder.g.cs" }));
        Assert.That(Registered(project).Calls, Is.Empty);
    }

    internal static RecordingBuilder Registered(GeneratedProject project, string generatedNamespace = "")
    {
        var builder = new RecordingBuilder();
        Static(project.Load(), generatedNamespace + "OperatorBuilderExtensions", "RegisterComponents", builder);
        return builder;
    }

    private static T New<T>(Assembly assembly, string name) => (T)Activator.CreateInstance(assembly.GetType(name, throwOnError: true)!)!;

    private static void Static(Assembly assembly, string type, string method, object argument)
        => assembly.GetType(type, throwOnError: true)!
            .GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Single(m => m.Name == method && m.GetParameters()[0].ParameterType.IsInstanceOfType(argument))
            .Invoke(null, [argument]);
}
