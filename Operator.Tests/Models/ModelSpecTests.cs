using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using static LlmKube.Operator.Tests.Models.Situations;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Which specs can be honoured.</summary>
[TestFixture]
internal sealed class ModelSpecTests
{
    private static readonly Dictionary<string, (Action<ModelSpec> Spec, string Says)> Refusals = new()
    {
        ["a scheme of later"] = (s => s.Source = "oci://registry.example/m:1", "spec.source has the scheme oci, which comes later; today http, https, hf, pvc and file can be fetched"),
        ["a way up in a claim"] = (s => s.Source = "pvc://claim/../m.gguf", "spec.source must have behind pvc://claim/ a file's path without '.', '..'"),
        ["a repository alone"] = (s => s.Source = "hf://org/repo", "spec.source names a repository and no file; name the files in spec.files"),
        ["a file of the operator's own cache"] = (s => s.Source = $"pvc://{CacheDefaults.ClaimName}/089f4e2d47e94afb/model.gguf", "spec.source names the claim llmkube-model-cache, the operator's own cache"),
        ["files of a URL"] = (s => s.Files = ["a.gguf"], "spec.files goes with sources of the form hf://org/repo only"),
        ["a way up in the files"] = (s => (s.Source, s.Files) = ("hf://org/repo", ["a.gguf", "../b.gguf"]), "spec.files[1] must be a relative path"),
        ["looking again"] = (s => s.RefreshPolicy = "OnChange", "spec.refreshPolicy OnChange comes later"),
        ["an unknown way of looking again"] = (s => s.RefreshPolicy = "Always", "spec.refreshPolicy must be IfNotPresent, got \"Always\""),
        ["an unknown way of deletion"] = (s => s.DeletionPolicy = "Recycle", "spec.deletionPolicy must be Retain or Delete, got \"Recycle\""),
        ["a hash that is none"] = (s => s.Sha256 = "abc", "spec.sha256 must be 64 hexadecimal digits, got \"abc\""),
        ["a Secret without a name"] = (s => s.SourceSecretRef = new V1LocalObjectReference(), "spec.sourceSecretRef.name must be the name of a Secret"),
        ["a Secret with a line end in its name"] = (s => s.SourceSecretRef = new V1LocalObjectReference { Name = "token\n" }, "spec.sourceSecretRef.name must be the name of a Secret"),
        ["a ConfigMap with a name that is none"] = (s => s.CaCertConfigMapRef = new V1LocalObjectReference { Name = "../x" }, "spec.caCertConfigMapRef.name must be the name of a ConfigMap"),
        ["a toleration that no pod could have"] =
            (s => s.PrefetchTolerations = [new V1Toleration { Key = "k", OperatorProperty = "Exists", Value = "v" }], "spec.prefetchTolerations[0].value: must be empty with operator Exists"),
        ["two sets of credentials"] = (s => (s.Source, s.SourceSecretRef) = ("https://me:pass@h/m.gguf", new V1LocalObjectReference { Name = "token" }), "spec.sourceSecretRef and the user in spec.source"),
    };

    private static IEnumerable<string> RefusedSpecs => Refusals.Keys;

    [TestCaseSource(nameof(RefusedSpecs))]
    public void A_spec_that_can_not_be_honoured_is_refused_with_the_field(string name)
    {
        var trouble = ModelDecider.Decide(Of(Refusals[name].Spec)).Status.Conditions.Find(ConditionTypes.Degraded)!;

        Assert.That(trouble.Reason, Is.EqualTo(Reasons.InvalidSpec));
        Assert.That(trouble.Message, Does.StartWith(Refusals[name].Says).And.Not.Contain("pass@"));
    }

    [Test]
    public void What_can_be_honoured_is()
    {
        var spec = Seen.Model(spec: s =>
        {
            (s.Source, s.Files, s.Sha256) = ("hf://org/repo@v1", ["q4/a.gguf"], new string('A', 64));
            (s.RefreshPolicy, s.DeletionPolicy) = ("IfNotPresent", "Delete");
            (s.SourceSecretRef, s.CaCertConfigMapRef) = (new V1LocalObjectReference { Name = "token" }, new V1LocalObjectReference { Name = "company.ca" });
        }).Spec;

        var (address, problem) = ModelSpecValidator.Validate(spec, new OperatorOptions());

        Assert.That(problem?.Message, Is.Null);
        Assert.That(address, Is.EqualTo(new SourceAddress.HuggingFace("org", "repo", "v1", null)));
    }
}
