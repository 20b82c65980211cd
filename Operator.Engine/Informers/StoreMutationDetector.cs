using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>
/// Remembers what objects looked like when they entered a store, and tells if someone has changed one since. It costs a serialization
/// per object and is meant for tests.
/// </summary>
internal sealed class StoreMutationDetector
{
    private readonly ConditionalWeakTable<object, byte[]> _originals = [];
    private readonly Lock _gate = new();
    private readonly List<string> _mutations = [];

    /// <summary>What was found so far: one sentence per changed object.</summary>
    public IReadOnlyList<string> Mutations
    {
        get
        {
            lock (_gate) return [.. _mutations];
        }
    }

    public void Remember(IKubernetesObject<V1ObjectMeta> entity) => _originals.AddOrUpdate(entity, WireFormat.Encode(entity));

    /// <summary>Looks at every object that is still alive.</summary>
    /// <exception cref="InvalidOperationException">One of them was changed.</exception>
    public void VerifyAll()
    {
        foreach (var (entity, _) in _originals) Verify((IKubernetesObject<V1ObjectMeta>)entity);
        lock (_gate)
        {
            if (_mutations.Count > 0) throw new InvalidOperationException(string.Join(Environment.NewLine, _mutations));
        }
    }

    public void Verify(IKubernetesObject<V1ObjectMeta> entity)
    {
        if (!_originals.TryGetValue(entity, out var original)) return;
        var now = WireFormat.Encode(entity);
        if (now.AsSpan().SequenceEqual(original)) return;
        lock (_gate)
        {
            _mutations.Add(
                $"A stored {entity.Kind} {ObjectKey.Of(entity)} was changed, though all share it. Copy before you change. "
                + $"It was {System.Text.Encoding.UTF8.GetString(original)} and is {System.Text.Encoding.UTF8.GetString(now)}.");
        }
    }
}
