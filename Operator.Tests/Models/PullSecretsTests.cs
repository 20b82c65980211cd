using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Every pod that the operator makes pulls with the Secrets that it was started with.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PullSecretsTests
{
    private static readonly OperatorOptions s_options = new() { ImagePullSecrets = ["registry", "mirror"] };

    [TestCase("", ExpectedResult = "registry, mirror")]
    [TestCase("own", ExpectedResult = "own, registry, mirror")]
    [TestCase("mirror, own, own", ExpectedResult = "mirror, own, registry")]
    public string Of_a_server(string own)
    {
        var service = A.Service(with: s => s.ImagePullSecrets = [.. own.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(n => new V1LocalObjectReference { Name = n })]);
        var deployment = DeploymentBuilder.Build(
            service, A.Model(), observed: null, WeightsMount.From(A.Model(), A.Claim(), CacheDefaults.MountPath), RolloutStrategy.SurgeFirst, s_options);

        return Text(deployment.Spec.Template);
    }

    [Test]
    public void Of_a_fetch_and_of_a_removal()
    {
        var seen = Seen.Of(Seen.Model()) with { Options = s_options };

        Assert.That(Text(seen.WithJob().Job!.Spec.Template), Is.EqualTo("registry, mirror"));
        Assert.That(Text(seen.WithRemoval().Job!.Spec.Template), Is.EqualTo("registry, mirror"));
    }

    [Test]
    public void Without_them_there_are_none() => Assert.That(Seen.Of(Seen.Model()).WithJob().Job!.Spec.Template.Spec.ImagePullSecrets, Is.Null);

    private static string Text(V1PodTemplateSpec template) => string.Join(", ", template.Spec.ImagePullSecrets.Select(s => s.Name));
}
