using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>A namespace in memory: what the decider decides is done to it, and its Jobs go on as they are told.</summary>
internal sealed class ModelWorld(OperatorOptions options)
{
    private const int MaxPasses = 4;

    private readonly Dictionary<string, V1Pod> _podsByJob = [];
    private readonly Dictionary<string, string> _claimsByJob = [];
    private readonly HashSet<(string Claim, string Key)> _artefacts = [];
    private int _uids;

    public Dictionary<string, Model> Models { get; } = [];

    public Dictionary<string, InferenceService> Services { get; } = [];

    public Dictionary<string, V1Job> Jobs { get; } = [];

    public V1PersistentVolumeClaim? Claim { get; private set; }

    public DateTimeOffset Now { get; private set; } = Seen.Now;

    /// <summary>True: a quota keeps Jobs and claims from being created.</summary>
    public bool Refuses { get; set; }

    /// <summary>Jobs created so far.</summary>
    public int Fetches { get; private set; }

    public void Pass(TimeSpan time) => Now += time;

    public void Put(string name, string source, string accelerator)
    {
        if (!Models.TryGetValue(name, out var model))
        {
            model = Models[name] = Seen.Model(name, generation: 0);
            model.Metadata.Uid = $"{name}-{++_uids}";
        }

        model.Spec.Source = source;
        model.Spec.Hardware = new HardwareSpec { Accelerator = accelerator };
        model.Metadata.Generation++;
    }

    /// <summary>A service comes, or is edited; null: it goes.</summary>
    public void PutService(string name, InferenceServiceSpec? spec, bool ready)
    {
        if (spec is null) Services.Remove(name);
        else Services[name] = new InferenceService { Metadata = Seen.Service(name).Metadata, Spec = spec, Status = new() { Phase = ready ? InferenceServicePhases.Ready : InferenceServicePhases.Pending } };
    }

    /// <summary>The finalizer runs, and the Model is gone.</summary>
    public void Remove(string name)
    {
        if (!Models.TryGetValue(name, out var model)) return;
        foreach (var action in FinalizerDecider.Decide(Observe(model)).Actions) Do(action);
        Models.Remove(name);
        foreach (var job in Jobs.Values.Where(j => j.Metadata.OwnerReferences.All(o => Models.Values.All(m => m.Metadata.Uid != o.Uid))).ToList()) Drop(job.Metadata.Name);
    }

    /// <summary>The claim goes with all that is on it.</summary>
    public void LoseClaim() => Claim = null;

    /// <summary>Somebody makes a claim of their own.</summary>
    public void RestoreClaim(bool shared)
    {
        Claim = Seen.Claim(labelled: false, uid: $"claim-{++_uids}");
        if (shared) Claim.Spec.AccessModes = ["ReadWriteMany"];
    }

    /// <summary>Lets a Job's pod come to something. Without a claim it can't even start.</summary>
    public void Advance(V1Job job, V1ContainerState state, string? condition, bool complete)
    {
        if (job.Status?.Conditions is { Count: > 0 } || Claim is null) return;
        var name = job.Metadata.Name;
        if (state.Waiting is null) _claimsByJob.TryAdd(name, Claim.Metadata.Uid);
        _podsByJob[name] = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "pod" },
            Status = new V1PodStatus { ContainerStatuses = [new V1ContainerStatus { Name = FetchJobBuilder.Container, State = state }] },
        };
        if (condition is null) return;
        if (complete) _artefacts.Add((_claimsByJob[name], FetchJobBuilder.KeyOf(job)!));
        job.Status = new V1JobStatus
        {
            CompletionTime = Now.UtcDateTime,
            Conditions = [new V1JobCondition { Type = condition, Status = "True", LastTransitionTime = Now.UtcDateTime }],
        };
    }

    /// <summary>True if the source's artefact is on the claim that is there now.</summary>
    public bool Holds(string source) => Claim is not null && _artefacts.Contains((Claim.Metadata.Uid, CacheKey.Of(source)));

    /// <summary>One reconcile, as the controller does it.</summary>
    /// <returns>True if anything was done or said.</returns>
    public bool Reconcile(Model model)
    {
        var acted = false;
        var status = ActAndDecide(model, ref acted);
        if (StatusWriter.Same(model.Status, status)) return acted;

        // As it comes back from the server.
        model.Status = KubernetesJson.Deserialize<ModelStatus>(KubernetesJson.Serialize(status));
        return true;
    }

    private ModelStatus ActAndDecide(Model model, ref bool acted)
    {
        for (var pass = 1; ; pass++)
        {
            var decision = ModelDecider.Decide(Observe(model));
            foreach (var action in decision.Actions)
            {
                if (Refuses && action is DesiredAction.Create) return ModelDecider.Decide(Observe(model), Seen.Refusal()).Status;
                Do(action);
                acted = true;
            }

            if (pass == MaxPasses || decision.Actions.All(a => a is DesiredAction.Delete)) return decision.Status;
        }
    }

    private ModelSnapshot Observe(Model model)
    {
        var key = CacheKey.Of(SourceIdentity.Of(model.Spec));
        var siblings = Models.Values.Where(m => m != model && SourceIdentity.Of(m.Spec) == SourceIdentity.Of(model.Spec)).ToList();
        var job = Jobs.GetValueOrDefault(FetchJobBuilder.NameOf(key));
        var needed = Models.Values.Select(m => CacheKey.Of(SourceIdentity.Of(m.Spec))).ToHashSet();
        return new ModelSnapshot
        {
            Model = model,
            Claim = Claim,
            Job = job,
            Pods = job is not null && _podsByJob.TryGetValue(job.Metadata.Name, out var pod) ? [pod] : [],
            Strays = [.. Jobs.Values.Where(j => FetchJobBuilder.IsOwnedBy(j, model) && !needed.Contains(FetchJobBuilder.KeyOf(j)!))],
            Siblings = siblings,
            Services = [.. Services.Values.Where(s => s.Spec.ModelRef == model.Metadata.Name || siblings.Any(m => m.Metadata.Name == s.Spec.ModelRef)).OrderBy(s => s.Metadata.Name, StringComparer.Ordinal)],
            Image = "llmkube-operator:1",
            Options = options,
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
                CheckPlacement(job.Spec.Template.Spec);
                job.Metadata.Uid = $"job-{++_uids}";
                job.Metadata.ResourceVersion = $"{_uids}";
                Fetches += Jobs.TryAdd(job.Metadata.Name, job) ? 1 : 0;
                break;
            case DesiredAction.Patch { Target.Kind: V1Job.KubeKind } patch:
                var owners = JsonNode.Parse(patch.MergePatch)!["metadata"]!["ownerReferences"]!;
                Jobs[patch.Target.Name].Metadata.OwnerReferences = KubernetesJson.Deserialize<List<V1OwnerReference>>(owners.ToJsonString());
                break;
            case DesiredAction.Patch { Target.Kind: V1PersistentVolumeClaim.KubeKind } patch when patch.Target.Uid == Claim?.Metadata.Uid:
                Claim!.Metadata.Labels = new Dictionary<string, string> { [Labels.Managed] = Managed.Value };
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

    // What no service asks for, or an API server would refuse, is in no Job; and nothing binds it that its claim does not.
    private void CheckPlacement(V1PodSpec pod)
    {
        if (pod.NodeSelector is not { } selector) return;
        var sound = Services.Values.Where(s => ServiceSpecValidator.Validate(s.Spec).Count == 0);
        if (SingleNode.IsShared(Claim!, isReadOnly: false) || !sound.Any(s => s.Spec.NodeSelector is { } asked && asked.Count == selector.Count && asked.All(selector.Contains)))
        {
            throw new AssertionException($"A fetch is bound to {string.Join(',', selector)}");
        }
    }

    private void Drop(string job)
    {
        Jobs.Remove(job);
        _podsByJob.Remove(job);
        _claimsByJob.Remove(job);
    }
}
