using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Builds snapshots of Models whose file is in other claims than the namespace's.</summary>
internal static class Claimed
{
    /// <summary>The snapshot of a Model whose file is wanted in this claim alone.</summary>
    public static ModelSnapshot Of(string claim, Model model, params InferenceService[] services) =>
        Seen.Of(model) with { ClaimName = claim, Claim = ClaimOf(claim), Services = services };

    /// <summary>A further claim that the Model of a snapshot wants, as it is at first.</summary>
    public static ModelSnapshot And(this ModelSnapshot seen, string claim, Func<ModelSnapshot, ModelSnapshot>? with = null)
    {
        var further = seen with { ClaimName = claim, Claim = ClaimOf(claim), Job = null, Pods = [], IsFurther = true };
        return seen with { Others = [.. seen.Others, with is null ? further : with(further)] };
    }

    /// <summary>The Model as a decision leaves it.</summary>
    public static ModelSnapshot Told(this ModelSnapshot seen)
    {
        var status = ModelDecider.Decide(seen).Status;
        var model = new Model { Metadata = seen.Model.Metadata, Spec = seen.Model.Spec, Status = k8s.KubernetesJson.Deserialize<ModelStatus>(k8s.KubernetesJson.Serialize(status)) };
        return seen with { Model = model, Others = [.. seen.Others.Select(o => o with { Model = model })] };
    }

    /// <summary>What is decided, in short: claims with their phases, and actions with their targets.</summary>
    public static string Short(Decision<ModelStatus> decision)
    {
        var caches = decision.Status.Caches?.Select(c => $"{c.ClaimName}={c.Phase}") ?? [];
        var actions = decision.Actions.Select(a => $"{a.GetType().Name} {a.Target.Kind} {a.Target.Name}");
        return string.Join("; ", [decision.Status.Phase!, .. caches, .. actions]);
    }

    private static k8s.Models.V1PersistentVolumeClaim ClaimOf(string name)
    {
        var claim = Seen.Claim(uid: $"uid-of-{name}");
        claim.Metadata.Name = name;
        return claim;
    }
}
