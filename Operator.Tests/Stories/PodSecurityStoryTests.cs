using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Entities;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>All samples in a namespace that lets in no pod but what Pod Security's level restricted allows.</summary>
[Parallelizable]
public sealed class PodSecurityStoryTests
{
    private static readonly NodeSpec s_node = NodeSpec.Sized("node-1") with
    {
        Labels = new Dictionary<string, string> { ["kubernetes.io/arch"] = "amd64" },
        Allocatable = new Dictionary<string, string>
        {
            ["cpu"] = "1000",
            ["memory"] = "4Ti",
            ["ephemeral-storage"] = "4Ti",
            ["pods"] = "1000",
            ["nvidia.com/gpu"] = "64",
            ["nvidia.com/gpu.shared"] = "8",
            ["nvidia.com/mig-1g.10gb"] = "8",
            ["amd.com/gpu"] = "8",
            ["gpu.intel.com/xe"] = "8",
        },
    };

    [Test]
    public async Task Every_sample_is_served_under_restricted_but_files_of_the_node()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("Another API server need not have Pod Security admission, and its nodes not what the samples ask for.");
        JsonObject[] samples = [.. Directory.GetFiles(ApiCluster.InRepository("deploy", "samples"), "*.yaml").Order().SelectMany(YamlManifests.Read)];
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = [WithLabelsOf(samples)] });
        await cluster.Client.CoreV1.PatchNamespaceAsync(
            StoryCluster.Merge(new { metadata = new { labels = new Dictionary<string, string> { ["pod-security.kubernetes.io/enforce"] = "restricted" } } }), cluster.Namespace);
        await cluster.Client.SchedulingV1.CreatePriorityClassAsync(new V1PriorityClass { Metadata = new V1ObjectMeta { Name = "company-standard" }, Value = 10 });
        foreach (var claim in (string[])["team-weights", "fast-disks"]) await cluster.CreateClaimAsync(claim);
        await cluster.StartOperatorAsync(new OperatorOptions { AllowedHostPaths = ["/srv/models"], OperatorImage = "llmkube-operator:1" });

        await cluster.CreateModelAsync("tiny");
        foreach (var sample in samples) await CreateAsync(cluster, sample);

        await Eventually.SeeAsync(cluster.AllServicesAsync, all => all.All(s => s.Status?.Phase == InferenceServicePhases.Ready), "all services are Ready");
        var models = await Eventually.SeeAsync(
            cluster.AllModelsAsync, all => all.All(m => IsOfNode(m) ? m.Status?.Conditions.IsTrue(ConditionTypes.Degraded) == true : m.Status?.Phase == ModelPhases.Ready), "all Models are Ready but those of the node");
        Assert.That(models.Where(IsOfNode).Select(m => m.Status.Conditions.Find(ConditionTypes.Degraded)!.Reason), Is.EqualTo([Reasons.PodCreationFailed, Reasons.PodCreationFailed]));
        Assert.That(
            models.Where(IsOfNode).Select(m => m.Status.Conditions.Find(ConditionTypes.Degraded)!.Message),
            Has.All.Contain("violates PodSecurity \"restricted:latest\": restricted volume types (volume \"source\" uses restricted volume type \"hostPath\")"));
    }

    private static bool IsOfNode(Model model) => model.Spec.Source.StartsWith('/') || model.Spec.Source.StartsWith("file:", StringComparison.Ordinal);

    private static NodeSpec WithLabelsOf(JsonObject[] samples) => s_node with
    {
        Labels = samples.Select(s => s["spec"]?["nodeSelector"]).OfType<JsonObject>().SelectMany(l => l).Select(l => KeyValuePair.Create(l.Key, ((string?)l.Value)!))
            .Concat(s_node.Labels).DistinctBy(l => l.Key).ToDictionary(),
    };

    private static async Task CreateAsync(StoryCluster cluster, JsonObject sample)
    {
        // What is fetched here has one hash.
        if (sample["spec"]?["sha256"] is not null) sample["spec"]!["sha256"] = new string('a', 64);
        var text = sample.ToJsonString();
        if ((string?)sample["kind"] == Model.KubeKind) await cluster.Models.CreateNamespacedAsync(KubernetesJson.Deserialize<Model>(text), cluster.Namespace);
        else await cluster.Services.CreateNamespacedAsync(KubernetesJson.Deserialize<InferenceService>(text), cluster.Namespace);
    }
}
