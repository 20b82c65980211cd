namespace LlmKube.Operator.Engine.Tests;

public sealed class SkeletonTests
{
    [Test]
    public void The_project_runs_its_tests() => Assert.That(typeof(SkeletonTests).Assembly.GetName().Name, Is.EqualTo("LlmKube.Operator.Engine.Tests"));
}
