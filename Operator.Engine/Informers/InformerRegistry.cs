using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>The informers of the process: one per kind and scope, whoever asks.</summary>
/// <param name="given">What the host gives for stores: a service by its key and type; null: nothing.</param>
internal sealed class InformerRegistry(
    ApiConnection api,
    InformerOptions options,
    TimeProvider time,
    Dice dice,
    ILoggerFactory loggers,
    StoreMutationDetector? detector = null,
    Func<string, Type, object?>? given = null)
{
    /// <summary>The key of an <see cref="Action{T}"/> of a kind: it takes from an object what the host never reads in those that are stored.</summary>
    public const string StoreTransform = "store-transform";

    /// <summary>The key of the fields of a kind by which the host lists (<see cref="IReadOnlyDictionary{TKey,TValue}"/> of <see cref="Func{T,TResult}"/>, by the path that a field selector names).</summary>
    public const string StoreFields = "store-fields";

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
            var added = new Informer<T>(
                api, scope, options, time, dice, loggers.CreateLogger<Informer<T>>(), detector, Given<Action<T>>(StoreTransform), Given<IReadOnlyDictionary<string, Func<T, string?>>>(StoreFields));
            IReadOnlyList<IInformer> all = [.. Of<T>().Append(added).OrderBy(informer => informer.Scope.IsUnfiltered ? 0 : 1)];
            _informers = new Dictionary<Type, IReadOnlyList<IInformer>>(_informers) { [typeof(T)] = all };
            return added;
        }
    }

    private TGiven? Given<TGiven>(string key)
        where TGiven : class => given?.Invoke(key, typeof(TGiven)) as TGiven;
}
