using k8s;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>The closed list of what the operator can do to the cluster besides its own status and Events.</summary>
internal abstract record DesiredAction
{
    private DesiredAction() { }

    /// <summary>The object that the action is about.</summary>
    public abstract ObjectRef Target { get; }

    /// <summary>
    /// Server-side apply: every field in <paramref name="Desired"/> becomes ours, fields that we set before and no longer do are removed.
    /// Sent only if that would change something.
    /// </summary>
    /// <param name="Desired">Only the fields that we have an opinion on; with apiVersion, kind, name and namespace.</param>
    /// <param name="Observed">The object as it is, ours by owner reference; null only after a look that found none.</param>
    public sealed record Apply(IKubernetesObject<V1ObjectMeta> Desired, IKubernetesObject<V1ObjectMeta>? Observed) : DesiredAction
    {
        /// <inheritdoc/>
        public override ObjectRef Target => ObjectRef.Of(Desired);
    }

    /// <summary>Creates an object that is never changed afterwards (a Job). One that exists already is left as it is.</summary>
    public sealed record Create(IKubernetesObject<V1ObjectMeta> Desired) : DesiredAction
    {
        /// <inheritdoc/>
        public override ObjectRef Target => ObjectRef.Of(Desired);
    }

    /// <summary>
    /// A merge patch of some fields of an object of which we don't have the whole picture, for instance a further owner.
    /// The patch should hold <c>metadata.uid</c>, so that it never lands on a successor of the same name.
    /// </summary>
    /// <param name="Target">The object.</param>
    /// <param name="MergePatch">RFC 7386 JSON.</param>
    public sealed record Patch(ObjectRef Target, string MergePatch) : DesiredAction
    {
        /// <inheritdoc/>
        public override ObjectRef Target { get; } = Target;
    }

    /// <summary>Deletes the object if it still has this uid; what is gone already is fine.</summary>
    /// <param name="Target">The object; its uid is the precondition.</param>
    /// <param name="Propagation">What happens to the object's own children.</param>
    /// <param name="Because">Why, for the log.</param>
    public sealed record Delete(ObjectRef Target, DeletePropagation Propagation, string Because) : DesiredAction
    {
        /// <inheritdoc/>
        public override ObjectRef Target { get; } = Target;
    }
}

/// <summary>The API's propagation policies, by their names.</summary>
internal enum DeletePropagation
{
    /// <summary>The object goes at once, its children after it.</summary>
    Background,

    /// <summary>The object goes when its children are gone.</summary>
    Foreground,

    /// <summary>The children stay.</summary>
    Orphan,
}

/// <summary>Which object of which kind.</summary>
/// <param name="Kind">For instance <c>Deployment</c>.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its identity, where it is known to exist.</param>
internal sealed record ObjectRef(string Kind, string Namespace, string Name, string? Uid = null)
{
    /// <summary>The reference of an object that carries its kind.</summary>
    public static ObjectRef Of(IKubernetesObject<V1ObjectMeta> of) => new(
        of.Kind is { Length: > 0 } kind ? kind : of.GetKubernetesTypeMetadata().Kind,
        of.Metadata.NamespaceProperty ?? "",
        of.Metadata.Name,
        of.Metadata.Uid);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}
