using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Bounds how many services have their pods replaced at once for the operator's own sake. Who has a turn is written on the Deployments; it is looked for there once, before the first is given, and followed from what
/// is decided from then on. While one that has a turn fails, nobody gets another.
/// </summary>
internal sealed class UpgradeTurns(IKubernetesClient client, OperatorOptions options)
{
    // Guards all below.
    private readonly Lock _gate = new();
    private readonly SortedSet<(string Namespace, string Name)> _waiting = new(Comparer<(string Namespace, string Name)>.Create(Compare));

    // Those that have a turn, and whether they fail.
    private readonly Dictionary<(string Namespace, string Name), bool> _holders = [];
    private bool _isFilled;

    private int Bound => options.MaxConcurrentUpgrades == 0 ? int.MaxValue : options.MaxConcurrentUpgrades;

    private int Free => _holders.ContainsValue(true) ? 0 : Math.Max(0, Bound - _holders.Count);

    /// <summary>Takes a turn, or keeps the one that the service has.</summary>
    /// <returns>True if there was one; else the service is named when it may try again.</returns>
    public async Task<bool> TryTakeAsync(InferenceService service, CancellationToken cancellationToken)
    {
        await FillAsync(cancellationToken);
        var key = KeyOf(service);
        lock (_gate)
        {
            if (_holders.ContainsKey(key)) return true;
            _waiting.Add(key);
            if (Free == 0) return false;
            _waiting.Remove(key);
            _holders.Add(key, false);
            return true;
        }
    }

    /// <summary>Takes note of what is said of a service after what was decided for it has been done, or refused.</summary>
    public void Settle(InferenceService service, InferenceServiceStatus status)
    {
        var (key, said) = (KeyOf(service), ReasonOf(status));
        lock (_gate)
        {
            if (said is null or Reasons.WaitingForTurn) _holders.Remove(key);
            else _holders[key] = said == Reasons.UpgradeFailed;
            if (said != Reasons.WaitingForTurn) _waiting.Remove(key);
        }
    }

    /// <summary>The service is gone.</summary>
    public void Forget(InferenceService service)
    {
        lock (_gate)
        {
            _holders.Remove(KeyOf(service));
            _waiting.Remove(KeyOf(service));
        }
    }

    /// <summary>Those that may try again. Each is named once, until it has tried.</summary>
    public IReadOnlyList<(string Namespace, string Name)> Next()
    {
        lock (_gate)
        {
            List<(string Namespace, string Name)> next = [.. _waiting.Take(Free)];
            _waiting.ExceptWith(next);
            return next;
        }
    }

    /// <summary>True if a service waits for its turn, by what is to be said of it.</summary>
    public static bool IsWaiting(InferenceServiceStatus status) => ReasonOf(status) == Reasons.WaitingForTurn;

    // Who has a turn from an earlier operator may be looked at after those who wait. What has been decided since the lists were read is decided upon anew when the store knows it.
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isFilled) return;
        }

        var services = await client.ListAsync<InferenceService>(options.Namespace, cancellationToken: cancellationToken);
        var upgrading = (await client.ListAsync<V1Deployment>(options.Namespace, Managed.Selector, cancellationToken: cancellationToken))
            .Where(d => UpgradeTurn.Of(d) is not null).SelectMany(d => d.Metadata.OwnerReferences ?? []).Select(o => o.Uid).ToHashSet();
        lock (_gate)
        {
            if (_isFilled) return;
            _isFilled = true;
            foreach (var service in services.Where(s => upgrading.Contains(s.Metadata.Uid))) _holders.TryAdd(KeyOf(service), ReasonOf(service.Status) == Reasons.UpgradeFailed);
        }
    }

    private static string? ReasonOf(InferenceServiceStatus? status) => status?.Conditions.Find(ConditionTypes.UpgradePending)?.Reason;

    private static (string Namespace, string Name) KeyOf(InferenceService service) => (service.Metadata.NamespaceProperty, service.Metadata.Name);

    private static int Compare((string Namespace, string Name) a, (string Namespace, string Name) b) =>
        string.CompareOrdinal(a.Namespace, b.Namespace) is not 0 and var space ? space : string.CompareOrdinal(a.Name, b.Name);
}
