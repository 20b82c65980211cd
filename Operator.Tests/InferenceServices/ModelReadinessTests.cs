using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class ModelReadinessTests
{
    [Test]
    public void A_model_is_served_from_where_the_pod_sees_the_cache_whatever_its_status_says()
    {
        var model = A.Model();
        model.Status.Path = "/elsewhere/model.gguf";

        Assert.That(ModelReadiness.PathOf(model, "/cache/"), Is.EqualTo($"/cache/{CacheKey.Of(SourceIdentity.Of(model.Spec))}/model.gguf"));
    }

    [TestCase(2L, null)]
    [TestCase(1L, Reasons.ModelNotReady, TestName = "A_status_of_an_older_spec_is_waited_for")]
    [TestCase(null, Reasons.ModelNotReady, TestName = "A_status_that_another_operator_left_proves_nothing")]
    public void A_status_counts_if_it_is_of_this_spec(long? observed, string? reason)
    {
        var model = A.Model();
        model.Metadata.Generation = 2;
        model.Status.ObservedGeneration = observed;

        Assert.That(ModelReadiness.Obstacle(A.Service().Spec, model)?.Reason, Is.EqualTo(reason));
    }

    [Test]
    public void A_model_that_cant_be_read_is_not_called_missing() => Assert.That(
        ModelReadiness.Obstacle(new InferenceServiceSpec { ModelRef = "tiny" }, null, "spec.source is no text"),
        Is.EqualTo(new ModelReadiness(Reasons.ModelNotReady, "Waiting for Model to be Ready: Model \"tiny\" can't be read: spec.source is no text")));
}
