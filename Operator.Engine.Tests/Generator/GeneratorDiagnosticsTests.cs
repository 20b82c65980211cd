using k8s.Models;

using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace LlmKube.Operator.Engine.Tests.Generator;

public sealed class GeneratorDiagnosticsTests
{
    [Test]
    public void A_controller_with_both_selectors_is_an_error_at_its_name()
    {
        var project = GeneratedProject.Of(
            SampleSources.Entities,
            SampleSources.Controllers.Replace("[FieldSelector", "[LabelSelector(typeof(Managed))]\n[FieldSelector", StringComparison.Ordinal));

        var said = project.Said.Single();
        Assert.That(said.ToString(), Does.StartWith("File1.cs(").And.Contains(
            "error KOG001: Controller 'Farm.CowController' has [LabelSelector] and [FieldSelector]; "));
        var name = project.Input.SyntaxTrees.ElementAt(1).ToString().AsSpan(said.Location.SourceSpan.Start, said.Location.SourceSpan.Length);
        Assert.That(name.ToString(), Is.EqualTo("CowController"));
    }

    [Test]
    public void Two_finalizers_that_the_cut_makes_equal_are_an_error()
    {
        var longName = new string('x', 60);
        var project = GeneratedProject.Of(
            SampleSources.Entities,
            SampleSources.Usings + "namespace Farm; "
            + SampleSources.Finalizer(longName + "One", "Barn") + SampleSources.Finalizer(longName + "Two", "Barn"));

        Assert.That(project.Said.Single().ToString(), Does.StartWith("error KOG003").And.Contains($"'farm.dev/{new string('x', 54)}'"));
    }

    [TestCase("BarnFinalizer")]
    [TestCase("SweepYard")]
    [TestCase("FINALIZER")]
    [TestCase("AVeryLongNameOfAFinalizerThatGoesOnAndOnUntilItIsCutSomewhere")]
    public void The_generated_identifier_is_the_one_that_the_extension_computes(string className)
    {
        var project = GeneratedProject.Of(
            SampleSources.Entities, SampleSources.Usings + "namespace Farm; " + SampleSources.Finalizer(className, "Barn"));
        var assembly = project.Load();
        var generated = assembly.GetType("FinalizerRegistrations")!.GetField(className + "Identifier")!.GetRawConstantValue();

        dynamic finalizer = Activator.CreateInstance(assembly.GetType("Farm." + className)!)!;
        dynamic barn = Activator.CreateInstance(assembly.GetType("Farm.Barn")!)!;
        string computed = EntityFinalizerExtensions.GetIdentifierName(finalizer, barn);

        Assert.That(computed, Is.EqualTo(generated));
        Assert.That(computed, Has.Length.LessThanOrEqualTo(63));
    }

    [Test]
    public void A_kind_of_the_core_group_gives_an_identifier_without_a_slash()
        => Assert.That(new PodCleanup().GetIdentifierName(new V1Pod()), Is.EqualTo("podcleanupfinalizer"));

    private sealed class PodCleanup : IEntityFinalizer<V1Pod>
    {
        public Task<ReconciliationResult<V1Pod>> FinalizeAsync(V1Pod entity, CancellationToken cancellationToken)
            => Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }
}
