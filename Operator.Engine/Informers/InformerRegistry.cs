using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>The informers of the process: one per kind and scope, whoever asks.</summary>
/// <param name="transformOf">What a store does to objects of a kind before it keeps them, an <see cref="Action{T}"/> of that kind; null: nothing.</param>
internal sealed class InformerRegistry(
    ApiConnection api,
    InformerOptions options,
    TimeProvider time,
    Dice dice,
    ILoggerFactory loggers,
    StoreMutationDetector? detector = null,
    Func<Type, object?>? transformOf = null)
{
    private readonly Lock _gate = new();

    // Replaced as a whole, so that reads need no lock.
    private volatile IReadOnlyDictionary<Type, IReadOnlyList<IInformer>> _informers = new Dictionary<Type, IReadOnlyList<IInformer>>();

    /// <summary>All informers.</summary>
    public IEnumerable<IInformer> All => _informers.Values.SelectMany(informers => informers);

    /// <summary>The informers of one kind, an unfiltered one first.</summary>
    public IReadOnlyList<IInformer> Of<T>() => _informers.GetValueOrDefault(typeof(T), []);

    /// <summary>The informer of a kind and scope; made when first asked for.</summary>
    public Informer<T> Get<T>(InformerScope scope)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            if (Of<T>().FirstOrDefault(informer => informer.Scope == scope) is Informer<T> existing) return existing;
            var added = new Informer<T>(api, scope, options, time, dice, loggers.CreateLogger<Informer<T>>(), detector, transformOf?.Invoke(typeof(Action<T>)) as Action<T>);
            IReadOnlyList<IInformer> all = [.. Of<T>().Append(added).OrderBy(informer => informer.Scope.IsUnfiltered ? 0 : 1)];
            _informers = new Dictionary<Type, IReadOnlyList<IInformer>>(_informers) { [typeof(T)] = all };
            return added;
        }
    }
}
