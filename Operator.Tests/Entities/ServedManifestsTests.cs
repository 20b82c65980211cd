using System.Text.Json.Nodes;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>Manifests that are accepted can be served as well: the decide step has nothing against them either.</summary>
[TestFixture]
internal sealed class ServedManifestsTests
{
    public static IEnumerable<TestCaseData> Services() =>
        from folder in new[] { "Operator.Tests/Entities/GoOperator", "deploy/samples" }
        let manifests = Directory.GetFiles(ApiCluster.InRepository(folder), "*.yaml").Order().SelectMany(YamlManifests.Read).ToList()
        from service in manifests.Where(m => (string?)m["kind"] == InferenceService.KubeKind).Select(Read<InferenceService>)
        let model = manifests.Where(m => (string?)m["kind"] == Model.KubeKind).Select(Read<Model>).FirstOrDefault(m => m.Metadata.Name == service.Spec.ModelRef)
        select new TestCaseData(service, model).SetArgDisplayNames(service.Metadata.Name);

    [TestCaseSource(nameof(Services))]
    public void A_manifest_can_be_served(InferenceService service, Model? model)
    {
        Assert.That(ServiceSpecValidator.Validate(service.Spec), Is.Empty);
        Assert.That(model is null ? [] : ServiceSpecValidator.Validate(model.Spec, service.Spec), Is.Empty);
    }

    private static T Read<T>(JsonObject manifest) => KubernetesJson.Deserialize<T>(manifest.ToJsonString());
}
