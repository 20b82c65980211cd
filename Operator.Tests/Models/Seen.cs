using System.Net;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Builds snapshots and what is in them.</summary>
internal static class Seen
{
    public const string Source = "https://models.example/tiny.gguf";
    public const string Namespace = "team-a";

    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    public static readonly string Key = CacheKey.Of(Source);
    public static readonly string Sha256 = new('a', 64);

    public static Model Model(string name = "tiny", string source = Source, long generation = 1, Action<ModelSpec>? spec = null)
    {
        var model = new Model
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = Namespace, Uid = $"uid-of-{name}", Generation = generation },
            Spec = new ModelSpec { Source = source },
        };
        spec?.Invoke(model.Spec);
        return model;
    }

    public static V1PersistentVolumeClaim Claim(bool labelled = true, bool going = false, string uid = "uid-of-claim")
    {
        var claim = CacheClaimBuilder.Build(Namespace, new OperatorOptions());
        claim.Metadata.Uid = uid;
        if (!labelled) claim.Metadata.Labels = null;
        if (going) claim.Metadata.DeletionTimestamp = Now.UtcDateTime;
        return claim;
    }

    public static InferenceService Service(string name = "chat", string modelRef = "tiny", Action<InferenceServiceSpec>? spec = null)
    {
        var service = new InferenceService
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = Namespace, Uid = $"uid-of-{name}" },
            Spec = new InferenceServiceSpec { ModelRef = modelRef },
        };
        spec?.Invoke(service.Spec);
        return service;
    }

    public static ModelSnapshot Of(Model model) => new()
    {
        Model = model,
        Claim = Claim(),
        Job = null,
        Pods = [],
        Strays = [],
        Siblings = [],
        Services = [],
        Image = "llmkube-operator:1",
        Options = new OperatorOptions(),
        Now = Now,
    };

    /// <summary>The snapshot with the Job that the decider would create for it.</summary>
    public static ModelSnapshot WithJob(this ModelSnapshot seen, Action<V1Job>? change = null)
    {
        Assert.That(SourceAddress.TryParse(seen.Model.Spec.Source, out var source, out _), Is.True);
        var job = FetchJobBuilder.Build(seen, source!);
        job.Metadata.Uid = "uid-of-job";
        job.Metadata.ResourceVersion = "7";
        job.Status = new V1JobStatus { Active = 1 };
        change?.Invoke(job);
        return seen with { Job = job, Pods = [] };
    }

    /// <summary>The snapshot with the Job that removes the file of its Model.</summary>
    public static ModelSnapshot WithRemoval(this ModelSnapshot seen, Action<V1Job>? change = null)
    {
        Assert.That(SourceAddress.TryParse(seen.Model.Spec.Source, out var source, out _), Is.True);
        var job = FetchJobBuilder.BuildRemoval(seen, source!);
        job.Metadata.Uid = "uid-of-removal";
        job.Status = new V1JobStatus { Active = 1 };
        change?.Invoke(job);
        return seen with { Job = job, Pods = [] };
    }

    public static ModelSnapshot WithPod(this ModelSnapshot seen, V1ContainerState? state = null, V1PodCondition? condition = null) => seen with
    {
        Pods =
        [
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = "fetch-pod", NamespaceProperty = Namespace },
                Status = new V1PodStatus
                {
                    Conditions = condition is null ? null : [condition],
                    ContainerStatuses = state is null ? null : [new V1ContainerStatus { Name = FetchJobBuilder.Container, Image = "llmkube-operator:1", State = state }],
                },
            },
        ],
    };

    /// <summary>Its pod has a node, and no container yet.</summary>
    public static ModelSnapshot Placed(this ModelSnapshot seen)
    {
        var placed = seen.WithPod(new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "ContainerCreating" } });
        placed.Pods[0].Spec = new V1PodSpec { NodeName = "node-1" };
        return placed;
    }

    public static ModelSnapshot Running(this ModelSnapshot seen) => seen.WithJob().WithPod(new V1ContainerState { Running = new V1ContainerStateRunning() });

    public static ModelSnapshot Succeeded(this ModelSnapshot seen, FetchReport? report = null) =>
        seen.WithJob(j => j.Status = Ended("Complete")).WithPod(Terminated(0, TerminationMessage.Format(report ?? Complete())));

    public static ModelSnapshot Failed(this ModelSnapshot seen, FetchReport report, int secondsAgo = 0) =>
        seen.FailedWith(TerminationMessage.Format(report), report.Terminal ? ExitCodes.Terminal : ExitCodes.TryLater, secondsAgo);

    public static ModelSnapshot FailedWith(this ModelSnapshot seen, string? message, int exitCode, int secondsAgo = 0, string? reason = "Error") =>
        seen.WithJob(j => j.Status = Ended("Failed", secondsAgo)).WithPod(Terminated(exitCode, message, reason));

    public static V1ContainerState Terminated(int exitCode, string? message, string? reason = null) =>
        new() { Terminated = new V1ContainerStateTerminated { ExitCode = exitCode, Message = message, Reason = reason } };

    public static FetchReport Complete(bool cached = false) => new()
    {
        Complete = true,
        Cached = cached,
        Sha256 = Sha256,
        Bytes = 4_939_212_390,
        Seconds = 61,
        Gguf = new GgufMetadata { Architecture = "llama", LayerCount = 32, Quantization = "Q4_K_M" },
    };

    public static FetchReport NotFound() => new() { Complete = false, Terminal = true, Reason = Reasons.SourceNotFound, Message = $"{Source} answered 404 Not Found: Entry not found" };

    public static FetchReport Unreachable(string message = "the connection broke at byte 17") => new() { Complete = false, Reason = Reasons.SourceUnreachable, Message = message };

    public static FetchReport Unauthorized() => new() { Complete = false, Reason = Reasons.SourceUnauthorized, Message = $"{Source} answered 401 Unauthorized" };

    /// <summary>The cluster says no to the fetch.</summary>
    public static ActionFailure Refusal(string words = "exceeded quota: jobs", HttpStatusCode status = HttpStatusCode.Forbidden, DesiredAction? of = null) => new(
        of ?? new DesiredAction.Create(new V1Job { Metadata = new V1ObjectMeta { Name = FetchJobBuilder.NameOf(Key), NamespaceProperty = Namespace } }),
        new HttpOperationException("no") { Response = new HttpResponseMessageWrapper(new HttpResponseMessage(status), $$"""{"message":"{{words}}"}""") });

    /// <summary>The Model with the status that the decider gives it in a snapshot.</summary>
    public static Model After(this Model model, Func<ModelSnapshot, ModelSnapshot> seen, DateTimeOffset? at = null)
    {
        model.Status = ModelDecider.Decide(seen(Of(model) with { Now = at ?? Now })).Status;
        return model;
    }

    public static V1JobStatus Ended(string condition, int secondsAgo = 0)
    {
        var at = Now.UtcDateTime.AddSeconds(-secondsAgo);
        return new V1JobStatus
        {
            CompletionTime = condition == "Complete" ? at : null,
            Conditions = [new V1JobCondition { Type = condition, Status = "True", LastTransitionTime = at, Reason = "BackoffLimitExceeded", Message = "Job has reached the specified backoff limit" }],
        };
    }
}
