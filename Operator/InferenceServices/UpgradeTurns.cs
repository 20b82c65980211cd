using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Bounds how many services have their pods replaced at once for the operator's own sake. Who has a turn is written on the Deployments; what is kept here is what lies between a grant
/// and the sight of it, and who waits. While one that has a turn fails, nobody gets another.
/// </summary>
internal sealed class UpgradeTurns(IKubernetesClient client, OperatorOptions options)
{
    // Guards both.
    private readonly Lock _gate = new();
    private readonly HashSet<(string Namespace, string Name)> _holders = [];
    private readonly SortedSet<(string Namespace, string Name)> _waiting = new(Comparer<(string Namespace, string Name)>.Create(Compare));

    private int Bound => options.MaxConcurrentUpgrades == 0 ? int.MaxValue : options.MaxConcurrentUpgrades;

    /// <summary>Takes a turn, or keeps the one that the service has.</summary>
    /// <returns>True if there was one; else the service is named when it may try again.</returns>
    public async Task<bool> TryTakeAsync(InferenceService service, CancellationToken cancellationToken)
    {
        var key = KeyOf(service);
        lock (_gate)
        {
            if (_holders.Contains(key)) return true;
            _waiting.Add(key);
            if (_holders.Count >= Bound) return false;
        }

        var seen = await HoldersAsync(cancellationToken);
        var isStopped = await AnyFailsAsync(seen, cancellationToken);
        lock (_gate)
        {
            if (isStopped || seen.Union(_holders).Except([key]).Count() >= Bound) return false;
            _waiting.Remove(key);
            _holders.Add(key);
            return true;
        }
    }

    /// <summary>Takes note of what has been decided for a service: whether it has a turn, as its Deployment is to say, and whether it waits for one.</summary>
    public void Settle(ServiceSnapshot seen, Decision<InferenceServiceStatus> decision)
    {
        var deployment = decision.Actions.OfType<DesiredAction.Apply>().Select(a => a.Desired).OfType<V1Deployment>().FirstOrDefault() ?? seen.OwnDeployment;
        var holds = deployment is not null && Upgrade.HoldsTurn(deployment);
        lock (_gate)
        {
            if (holds) _holders.Add(KeyOf(seen.Service));
            else _holders.Remove(KeyOf(seen.Service));
            if (!IsWaiting(decision.Status)) _waiting.Remove(KeyOf(seen.Service));
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
    public async Task<IReadOnlyList<(string Namespace, string Name)>> NextAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || _holders.Count >= Bound) return [];
        }

        var seen = await HoldersAsync(cancellationToken);
        if (await AnyFailsAsync(seen, cancellationToken)) return [];
        lock (_gate)
        {
            List<(string Namespace, string Name)> next = [.. _waiting.Take(Math.Max(0, Bound - seen.Union(_holders).Count()))];
            _waiting.ExceptWith(next);
            return next;
        }
    }

    /// <summary>True if a service waits for its turn, by what is to be said of it.</summary>
    public static bool IsWaiting(InferenceServiceStatus status) => status.Conditions.Find(ConditionTypes.UpgradePending) is { Status: "True", Reason: Reasons.WaitingForTurn };

    private async Task<IReadOnlyList<(string Namespace, string Name)>> HoldersAsync(CancellationToken cancellationToken) =>
    [
        .. (await client.ListAsync<V1Deployment>(options.Namespace, Managed.Selector, cancellationToken: cancellationToken)).Where(Upgrade.HoldsTurn)
            .SelectMany(d => (d.Metadata.OwnerReferences ?? []).Where(o => o.Kind == InferenceService.KubeKind).Select(o => (d.Metadata.NamespaceProperty, o.Name))),
    ];

    private async Task<bool> AnyFailsAsync(IReadOnlyList<(string Namespace, string Name)> seen, CancellationToken cancellationToken)
    {
        HashSet<(string Namespace, string Name)> all;
        lock (_gate) all = [.. seen.Union(_holders)];
        return all.Count > 0 && (await client.ListAsync<InferenceService>(options.Namespace, cancellationToken: cancellationToken))
            .Any(s => s.Status?.Conditions.IsTrue(ConditionTypes.Degraded) == true && all.Contains(KeyOf(s)));
    }

    private static (string Namespace, string Name) KeyOf(InferenceService service) => (service.Metadata.NamespaceProperty, service.Metadata.Name);

    private static int Compare((string Namespace, string Name) a, (string Namespace, string Name) b) =>
        string.CompareOrdinal(a.Namespace, b.Namespace) is not 0 and var space ? space : string.CompareOrdinal(a.Name, b.Name);
}
