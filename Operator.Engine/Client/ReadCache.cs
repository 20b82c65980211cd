using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Selecting;

namespace KubeOps.KubernetesClient;

/// <summary>Answers queries from the stores of informers, as far as these provably know the answer.</summary>
internal sealed class ReadCache(InformerRegistry informers)
{
    /// <summary>The synced informers that may know objects of a namespace.</summary>
    public IEnumerable<Informer<T>> Of<T>(string? @namespace)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        foreach (var candidate in informers.Of<T>())
        {
            if (!candidate.HasSynced || candidate is not Informer<T> informer) continue;
            if (informer.Scope.Namespace is null || informer.Scope.Namespace == @namespace) yield return informer;
        }
    }

    /// <summary>An informer whose store has every object that a query selects, and what of the query is left to try on its objects.</summary>
    public CoveredQuery<T>? Covering<T>(string? @namespace, string? labelSelector, string? fieldSelector)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        if (!LabelExpression.TryParse(labelSelector, out var labels) || !FieldExpression.TryParse(fieldSelector, out var fields)) return null;
        foreach (var informer in Of<T>(@namespace))
        {
            if (!LabelExpression.TryParse(informer.Scope.LabelSelector, out var itsLabels) || !labels.Contains(itsLabels)) continue;
            if (!FieldExpression.TryParse(informer.Scope.FieldSelector, out var itsFields) || !fields.Contains(itsFields)) continue;
            var rest = fields.Beyond(itsFields);
            if (informer.Store.Knows(rest)) return new(informer, labels, rest);
        }

        return null;
    }

    /// <summary>The API server answered a write or a live read with an object. Stores that it belongs in need not wait for the watch.</summary>
    /// <param name="answer">Decodes the answer anew: what a store holds is not to be in the hands of a caller.</param>
    /// <param name="metadata">The object's metadata.</param>
    public void Answered<T>(Func<T> answer, V1ObjectMeta metadata)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        foreach (var informer in Of<T>(metadata.NamespaceProperty))
        {
            if (string.IsNullOrEmpty(informer.Scope.FieldSelector) && informer.Scope.Admits(metadata)) informer.Store.Foresee(answer());
        }
    }

    /// <summary>The uid of an object as a store knows it; null if none does.</summary>
    public string? UidOf<T>(ObjectKey key)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Of<T>(key.Namespace).Select(informer => informer.Store.Get(key)).FirstOrDefault(known => known is not null)?.Metadata.Uid;

    /// <summary>The API server answered that an object is gone. Stores need not wait for the watch.</summary>
    public void Ended<T>(ObjectKey key, string uid)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        foreach (var informer in Of<T>(key.Namespace)) informer.Store.ForeseeEnd(key, uid);
    }

    /// <summary>The API server refused a write since the object has changed, or is gone: what stores know of it is old.</summary>
    public void Conflicted<T>(ObjectKey key)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        foreach (var informer in Of<T>(key.Namespace)) informer.Distrust(key);
    }
}

/// <summary>A query that a store can answer.</summary>
/// <param name="Informer">Whose store.</param>
/// <param name="Labels">The labels to match.</param>
/// <param name="Fields">The fields to match.</param>
internal sealed record CoveredQuery<T>(Informer<T> Informer, LabelExpression Labels, FieldExpression Fields)
    where T : IKubernetesObject<V1ObjectMeta>;
