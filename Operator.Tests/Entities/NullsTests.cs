using k8s;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>Objects that were stored under a schema that allowed null where ours does not: null says nothing, and spoils nothing that reads many objects.</summary>
[TestFixture]
internal sealed class NullsTests
{
    [TestCase("""{"metadata":{"name":"a"},"spec":null}""")]
    [TestCase("""{"metadata":{"name":"a"},"spec":{"source":null}}""")]
    [TestCase("""{"metadata":{"name":"a"},"spec":{}}""")]
    [TestCase("""{"metadata":{"name":"a"}}""")]
    public void A_Model_without_a_source_has_an_empty_one(string json) => Assert.That(KubernetesJson.Deserialize<Model>(json).Spec.Source, Is.Empty);

    [TestCase("""{"metadata":{"name":"a"},"spec":null}""")]
    [TestCase("""{"metadata":{"name":"a"},"spec":{"modelRef":null}}""")]
    [TestCase("""{"metadata":{"name":"a"},"spec":{}}""")]
    [TestCase("""{"metadata":{"name":"a"}}""")]
    public void An_InferenceService_without_a_model_refers_to_an_empty_name(string json) => Assert.That(KubernetesJson.Deserialize<InferenceService>(json).Spec.ModelRef, Is.Empty);

    [Test]
    public void Nulls_in_the_lists_of_a_Model_break_nothing()
    {
        var model = KubernetesJson.Deserialize<Model>("""{"spec":{"source":"hf://org/repo","files":[null],"prefetchTolerations":null},"status":{"caches":[{"claimName":null}],"stagedFiles":null}}""");

        Assert.That(SourceIdentity.Of(model.Spec), Is.EqualTo("hf://org/repo\n"));
        Assert.That(model.Status.Caches!.Single().ClaimName, Is.Empty);
    }
}
