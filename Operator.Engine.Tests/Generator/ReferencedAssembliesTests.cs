namespace LlmKube.Operator.Engine.Tests.Generator;

public sealed class ReferencedAssembliesTests
{
    [Test]
    public void Controllers_look_after_entities_of_a_referenced_assembly()
    {
        var entities = GeneratedProject.Of("Farm.Entities", null, [], SampleSources.Entities);
        var project = GeneratedProject.Of("Farm.Operator", null, [entities], SampleSources.Controllers, SampleSources.Finalizers);

        GoldenFolder.Check("Generator/EntitiesElsewhere", project.Files);
        Assert.That(project.Complaints, Is.Empty);
    }

    [Test]
    public void An_entity_library_gets_its_constructors_and_no_registrations()
    {
        var entities = GeneratedProject.Of("Farm.Entities", null, [], SampleSources.Entities);

        Assert.That(
            entities.Files.Keys.Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "Barn.init.g.cs", "EntityDefinitions.g.cs", "EntityInitializer.g.cs" }));
    }

    [Test]
    public void Registrations_of_referenced_assemblies_are_called_each_once()
    {
        var entities = GeneratedProject.Of("Farm.Entities", "Farm.Entities", [], SampleSources.Entities);
        var library = GeneratedProject.Of("Farm.Library", "Farm.Library", [entities], SampleSources.Finalizers);
        var project = GeneratedProject.Of("Farm.Operator", "Farm-Operator.7", [entities, library], SampleSources.Controllers);

        Assert.That(project.Complaints, Is.Empty);
        Assert.That(project.Files["OperatorBuilder.g.cs"], Does.Contain("namespace Farm_Operator._7;"));
        Assert.That(project.Files["OperatorBuilder.g.cs"], Does.Contain(
            """[assembly: global::KubeOps.Abstractions.Builder.KubeOpsGeneratedRegistrations("Farm_Operator._7.ControllerRegistrations", null)]"""));
        Assert.That(Calls(project.Files["OperatorBuilder.g.cs"]), Is.EqualTo(new[]
        {
            "global::Farm_Operator._7.ControllerRegistrations.RegisterControllers(builder);",
            "global::Farm.Library.FinalizerRegistrations.RegisterFinalizers(builder);",
        }));
    }

    [Test]
    public void Registrations_of_one_name_in_two_assemblies_are_warned_of()
    {
        var entities = GeneratedProject.Of("Farm.Entities", null, [], SampleSources.Entities);
        var library = GeneratedProject.Of("Farm.Library", null, [entities], SampleSources.Finalizers);
        var project = GeneratedProject.Of(
            "Farm.Operator", null, [entities, library],
            SampleSources.Usings + "namespace Farm; " + SampleSources.Finalizer("Other", "Barn"));

        Assert.That(project.Said.Select(d => d.ToString()), Is.EqualTo(new[]
        {
            "warning KOG002: 'FinalizerRegistrations' of assembly 'Farm.Library' has the name of another generated class, so "
            + "RegisterComponents leaves it out; set the MSBuild property KubeOpsGeneratorNamespace in one of the two projects",
        }));
        Assert.That(Calls(project.Files["OperatorBuilder.g.cs"]), Has.Length.EqualTo(1));
    }

    private static string[] Calls(string source)
        => [.. source.Split('\n').Select(line => line.Trim()).Where(line => line.EndsWith("(builder);", StringComparison.Ordinal))];
}
