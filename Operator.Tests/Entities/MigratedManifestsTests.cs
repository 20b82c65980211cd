using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tests.Models;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>What becomes of manifests that were written for the Go operator: all that a service and its Model get, whole, from the API server's defaults on.</summary>
[TestFixture]
internal sealed class MigratedManifestsTests
{
    private static readonly OperatorOptions s_options = new() { AllowedHostPaths = ["/mnt/models"] };

    public static IEnumerable<TestCaseData> Services() =>
        from file in Directory.GetFiles(ApiCluster.InRepository("Operator.Tests", "Entities", "GoOperator"), "*.yaml").Order()
        let manifests = YamlManifests.Read(file)
        from service in manifests.Where(m => (string)m["kind"]! == InferenceService.KubeKind)
        let model = manifests.FirstOrDefault(m => (string)m["kind"]! == Model.KubeKind && (string)m["metadata"]!["name"]! == (string)service["spec"]!["modelRef"]!)
        where model is not null
        select new TestCaseData(service, model).SetArgDisplayNames((string)service["metadata"]!["name"]!);

    [TestCaseSource(nameof(Services))]
    public async Task Children_look_like_this(JsonObject serviceManifest, JsonObject modelManifest)
    {
        var (service, model) = (await StoredAsync<InferenceService>(serviceManifest), await StoredAsync<Model>(modelManifest));
        var claim = ModelClaims.Of(service.Spec, model.Spec);
        var there = claim is null ? null : A.Claim(claim);
        var before = Seen.Of(model) with { ClaimName = claim, Claim = null, Services = [service], Options = s_options };
        ModelSnapshot[] steps = [before, before with { Claim = there }];
        var fetch = steps.SelectMany(s => ModelDecider.Decide(s).Actions).ToList();
        model.Status = A.Model().Status;
        if (claim is not null and not CacheDefaults.ClaimName) model.Status.Caches = [new ModelCacheStatus { ClaimName = claim, Phase = ModelPhases.Ready }];
        var serving = ServiceDecider.Decide(A.Seen(service, model) with { Claim = there }).Actions;

        var children = fetch.OfType<DesiredAction.Create>().Select(a => a.Desired).Concat(serving.OfType<DesiredAction.Apply>().Select(a => a.Desired));

        Golden.Match($"GoOperator/{service.Metadata.Name}.yaml", string.Join("---\n", children.Select(c => KubernetesYaml.Serialize(c).ReplaceLineEndings("\n").TrimEnd() + "\n")));
    }

    // As it would be stored, but for what the server chooses.
    private static async Task<T> StoredAsync<T>(JsonObject manifest)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var (copy, name) = ((JsonObject)manifest.DeepClone(), (string)manifest["metadata"]!["name"]!);
        copy["metadata"] = new JsonObject { ["generateName"] = "migrated-" };
        var answer = await ApiCluster.CreateAsync(copy);
        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        var entity = KubernetesJson.Deserialize<T>(answer.Body.ToJsonString());
        entity.Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = A.Namespace, Uid = $"uid-of-{name}", Generation = 1 };
        return entity;
    }
}
