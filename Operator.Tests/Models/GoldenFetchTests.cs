using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>The cache claim and the fetch Jobs of representative Models, whole, as they are sent to the API server.</summary>
[TestFixture]
internal sealed class GoldenFetchTests
{
    private static readonly Dictionary<string, ModelSnapshot> Models = new()
    {
        ["claim"] = Seen.Of(Seen.Model()) with { Claim = null },
        ["claim-of-a-shared-class"] = Seen.Of(Seen.Model()) with
        {
            Claim = null,
            Options = new OperatorOptions { ModelCacheAccessMode = "ReadWriteMany", ModelCacheSize = "2Ti", ModelCacheStorageClass = "nfs" },
        },
        ["fetch"] = Seen.Of(Seen.Model()),
        ["fetch-for-several-models"] = Seen.Of(Seen.Model("a")) with { Siblings = [Seen.Model("b")] },
        ["fetch-of-a-url-with-secrets"] = Seen.Of(Seen.Model(source: "https://user:secret@models.example/tiny.gguf?token=abc")),
        ["fetch-of-a-path"] = Seen.Of(Seen.Model(source: "/srv/models/tiny.gguf")) with
        {
            Options = new OperatorOptions { AllowedHostPaths = ["/srv/models"], ModelCachePath = "/cache" },
        },
        ["fetch-with-secret-and-authorities"] = Seen.Of(Seen.Model(spec: s => (s.SourceSecretRef, s.Sha256) = (new V1LocalObjectReference { Name = "token" }, Seen.Sha256))) with
        {
            Options = new OperatorOptions { CaCertConfigMap = "company-ca", AllowedSourceAddresses = ["models.example"] },
        },
        ["fetch-of-the-hub-through-a-proxy"] = Seen.Of(Seen.Model(source: "hf://org/repo@v1/m.gguf")) with
        {
            Options = new OperatorOptions { Proxies = new([("HTTPS_PROXY", "http://proxy.example:3128"), ("no_proxy", "10.0.0.0/8,.svc")], ["HTTP_PROXY"]) },
        },
        ["fetch-of-split-files"] = Seen.Of(Seen.Model(source: "hf://org/repo", spec: s => s.Files = ["q4/m-00001-of-00002.gguf", "LICENSE"])),
        ["fetch-into-a-claim-of-the-users"] = Claimed.Of("fast-disk", Seen.Model(), Seen.Service(spec: s => s.ModelCache = new ModelCacheSpec { ClaimName = "fast-disk" })),
        ["proof-of-a-file-in-a-claim"] = Claimed.Of("weights", Seen.Model(source: "pvc://weights/llama/m-00002-of-00002.gguf", spec: s => s.Sha256 = Seen.Sha256)),
        ["fetch-on-a-shared-claim"] = Seen.Of(Seen.Model()) with { Claim = Shared() },
        ["fetch-near-gpus"] = NearGpus(),
        ["fetch-near-gpus-on-a-shared-claim"] = NearGpus() with { Claim = Shared() },
    };

    private static IEnumerable<string> Names => Models.Keys;

    [TestCaseSource(nameof(Names))]
    public void What_a_fetch_needs_looks_like_this(string name)
    {
        var created = (DesiredAction.Create)ModelDecider.Decide(Models[name]).Actions.Single();

        Golden.Match($"Models/{name}.yaml", KubernetesYaml.Serialize(created.Desired).ReplaceLineEndings("\n").TrimEnd() + "\n");
    }

    private static ModelSnapshot NearGpus() =>
        Seen.Of(Seen.Model(spec: s => s.Hardware = new HardwareSpec { Accelerator = Accelerators.Rocm, Gpu = new GpuSpec { Enabled = true, Count = 1 } })) with
        {
            Services =
            [
                Seen.Service("first"),
                Seen.Service("second", spec: s =>
                {
                    s.NodeSelector = new Dictionary<string, string> { ["pool"] = "gpu", ["disk"] = "fast" };
                    s.Tolerations = [new V1Toleration { Key = "dedicated", OperatorProperty = "Equal", Value = "llm", Effect = "NoSchedule" }];
                }),
                Seen.Service("third", spec: s => s.NodeSelector = new Dictionary<string, string> { ["zone"] = "b" }),
            ],
        };

    private static V1PersistentVolumeClaim Shared()
    {
        var claim = Seen.Claim();
        claim.Spec.AccessModes = ["ReadWriteMany"];
        return claim;
    }
}
