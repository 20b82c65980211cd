using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>A namespace in memory: what the decider decides is done to it, and its Jobs go on as they are told.</summary>
internal sealed class ModelWorld
{
    private int _uids;

    public Dictionary<string, Model> Models { get; } = [];

    public Dictionary<string, V1Job> Jobs { get; } = [];

    public Dictionary<string, V1Pod> PodsByJob { get; } = [];

    public V1PersistentVolumeClaim? Claim { get; set; }

    public DateTimeOffset Now { get; private set; } = Seen.Now;

    /// <summary>Jobs created so far.</summary>
    public int Fetches { get; private set; }

    public void Pass(TimeSpan time) => Now += time;

    public void Put(string name, string source)
    {
        if (Models.TryGetValue(name, out var model))
        {
            model.Spec.Source = source;
            model.Metadata.Generation++;
            return;
        }

        Models[name] = Seen.Model(name, source);
        Models[name].Metadata.Uid = $"{name}-{++_uids}";
    }

    /// <summary>The finalizer runs, and the Model is gone.</summary>
    public void Remove(string name)
    {
        if (!Models.TryGetValue(name, out var model)) return;
        foreach (var action in ModelCacheFinalizer.Release(Observe(model))) Do(action);
        Models.Remove(name);
        foreach (var job in Jobs.Values.Where(j => j.Metadata.OwnerReferences.All(o => Models.Values.All(m => m.Metadata.Uid != o.Uid))).ToList()) Drop(job.Metadata.Name);
    }

    /// <summary>Lets a Job's pod come to something.</summary>
    public void Advance(V1Job job, V1ContainerState state, string? condition)
    {
        if (job.Status?.Conditions is { Count: > 0 }) return;
        PodsByJob[job.Metadata.Name] = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "pod" },
            Status = new V1PodStatus { ContainerStatuses = [new V1ContainerStatus { Name = FetchJobBuilder.Container, State = state }] },
        };
        if (condition is null) return;
        job.Status = new V1JobStatus
        {
            CompletionTime = Now.UtcDateTime,
            Conditions = [new V1JobCondition { Type = condition, Status = "True", LastTransitionTime = Now.UtcDateTime }],
        };
    }

    /// <summary>One reconcile, as the controller does it.</summary>
    /// <returns>True if anything was done or said.</returns>
    public bool Reconcile(Model model)
    {
        var decision = ModelDecider.Decide(Observe(model));
        foreach (var action in decision.Actions) Do(action);
        if (decision.Actions.Any(a => a is not DesiredAction.Delete)) decision = decision with { Status = ModelDecider.Decide(Observe(model)).Status };
        if (StatusWriter.Same(model.Status, decision.Status)) return decision.Actions.Count > 0;

        // As it comes back from the server.
        model.Status = KubernetesJson.Deserialize<ModelStatus>(KubernetesJson.Serialize(decision.Status));
        return true;
    }

    private ModelSnapshot Observe(Model model)
    {
        var key = CacheKey.Of(model.Spec.Source);
        var others = Models.Values.Where(m => m != model).ToList();
        var job = Jobs.GetValueOrDefault(FetchJobBuilder.NameOf(key));
        var needed = Models.Values.Select(m => CacheKey.Of(m.Spec.Source)).ToHashSet();
        return new ModelSnapshot
        {
            Model = model,
            Claim = Claim,
            Job = job,
            Pods = job is not null && PodsByJob.TryGetValue(job.Metadata.Name, out var pod) ? [pod] : [],
            Strays = [.. Jobs.Values.Where(j => FetchJobBuilder.IsOwnedBy(j, model) && !needed.Contains(FetchJobBuilder.KeyOf(j)!))],
            Siblings = [.. others.Where(m => m.Spec.Source == model.Spec.Source)],
            Services = [],
            Options = new OperatorOptions(),
            Now = Now,
        };
    }

    private void Do(DesiredAction action)
    {
        switch (action)
        {
            case DesiredAction.Create { Desired: V1PersistentVolumeClaim claim }:
                claim.Metadata.Uid = $"claim-{++_uids}";
                Claim ??= claim;
                break;
            case DesiredAction.Create { Desired: V1Job job }:
                job.Metadata.Uid = $"job-{++_uids}";
                job.Metadata.ResourceVersion = $"{_uids}";
                Fetches += Jobs.TryAdd(job.Metadata.Name, job) ? 1 : 0;
                break;
            case DesiredAction.Patch { Target.Kind: V1Job.KubeKind } patch:
                var owners = JsonNode.Parse(patch.MergePatch)!["metadata"]!["ownerReferences"]!;
                Jobs[patch.Target.Name].Metadata.OwnerReferences = KubernetesJson.Deserialize<List<V1OwnerReference>>(owners.ToJsonString());
                break;
            case DesiredAction.Delete delete when Jobs.TryGetValue(delete.Target.Name, out var job) && job.Metadata.Uid == delete.Target.Uid:
                Drop(job.Metadata.Name);
                break;
            case DesiredAction.Delete:
                break;
            default:
                throw new AssertionException($"Unexpected: {action}");
        }
    }

    private void Drop(string job)
    {
        Jobs.Remove(job);
        PodsByJob.Remove(job);
    }
}
