using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Models;

/// <summary>What a Model and its fetch can have come to.</summary>
internal static class Situations
{
    /// <summary>A source that is not <see cref="Seen"/>'s.</summary>
    public const string Other = "https://models.example/other.gguf";

    private static readonly OperatorOptions HostPaths = new() { AllowedHostPaths = ["/srv/models"] };

    public static V1PodCondition Unschedulable => new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available: 3 node(s) didn't match" };

    public static ModelSnapshot New() => Seen.Of(Seen.Model());

    public static ModelSnapshot Of(Action<ModelSpec> spec) => Seen.Of(Seen.Model(spec: spec));

    public static ModelSnapshot Local(string source, Model? model = null) => Seen.Of(model ?? Seen.Model(source: source)) with { Options = HostPaths };

    public static V1PersistentVolumeClaim NextClaim => Seen.Claim(uid: "uid-of-next-claim");

    public static Model Ready(string name = "tiny", V1PersistentVolumeClaim? on = null) =>
        Seen.Model(name).After(s => (on is null ? s : s with { Claim = on }).Succeeded());

    public static Model Blocked()
    {
        var model = Seen.Model();
        model.Status = ModelDecider.Decide(Seen.Of(model), Seen.Refusal()).Status;
        return model;
    }

    public static V1PodCondition NoVolume(int minutesAgo = 0) => new()
    {
        Type = "PodScheduled",
        Status = "False",
        Reason = "Unschedulable",
        Message = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        LastTransitionTime = Seen.Now.UtcDateTime.AddMinutes(-minutesAgo),
    };

    public static Corev1Event FailedCreate(string pod) => new()
    {
        Reason = WaitObstacles.FailedCreate,
        Message = $"Error creating: pods \"{FetchJobBuilder.NameOf(Seen.Key)}-{pod}\" is forbidden: exceeded quota: pods",
        FirstTimestamp = Seen.Now.UtcDateTime.AddMinutes(-1),
    };

    public const string MultiAttach = "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) chat-abc";

    public static Corev1Event Mounting(string reason, string message) => new() { Reason = reason, Message = message, FirstTimestamp = Seen.Now.UtcDateTime.AddMinutes(-1) };

    public static FetchReading Reading(long bytes) => new(bytes, 1000, bytes, 5, 160, new GgufMetadata { Architecture = "llama" });

    public static string Wrong => new('b', 64);

    public static FetchReport Mismatch => new() { Complete = false, Terminal = true, Reason = Reasons.ChecksumMismatch, Message = "another sha256" };

    public static FetchReport NotAllowed => new() { Complete = false, Terminal = true, Reason = Reasons.SourceNotAllowed, Message = "a redirect leads elsewhere" };

    public static Model Mismatched() => Seen.Model(spec: s => s.Sha256 = Wrong).After(s => s.Succeeded());

    public static Model NotFound() => Seen.Model().After(s => s.Failed(Seen.NotFound()));

    public static Model Unauthorized() => Seen.Model().After(s => s.Failed(Seen.Unauthorized()));

    public static Model Unreachable() => Seen.Model().After(s => s.Failed(Seen.Unreachable()));

    public static ModelSnapshot MadeOtherwise(ModelSnapshot seen)
    {
        seen.Job!.Metadata.Annotations[Annotations.DesiredHash] = "earlier";
        return seen;
    }

    public static Model Edited(Model model, Action<Model> edit)
    {
        edit(model);
        model.Metadata.Generation++;
        return model;
    }
}
