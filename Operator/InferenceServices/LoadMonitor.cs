using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>A serving pod of whose load nothing is known yet.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Service">The name of its service.</param>
/// <param name="ServiceUid">The uid of that.</param>
/// <param name="Pod">Its name.</param>
/// <param name="Run">Which run of which pod's server it is.</param>
internal sealed record UnreadLoad(string Namespace, string Service, string ServiceUid, string Pod, ServerRun Run);

/// <summary>One run of a server: what it said counts until its container is started again.</summary>
/// <param name="Pod">The uid of the pod.</param>
/// <param name="Restarts">How often its container had been restarted.</param>
internal readonly record struct ServerRun(string Pod, int Restarts);

/// <summary>
/// Knows what the servers with GPUs said when they had loaded their models, and of which that is still to be read: <see cref="LoadReader"/> does. What it knows is in memory; what an
/// earlier operator has found is in the status, by the pods' names, and is not read again.
/// </summary>
internal sealed class LoadMonitor(TimeProvider time)
{
    // A log that doesn't tell of the load may be late: the runtime brings its lines in its own time.
    private const int Looks = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // Guards all below.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<ServerRun, Load>> _services = [];

    /// <summary>Adds to a snapshot what is known of its servers' loads, and takes note of those of which nothing is.</summary>
    public ServiceSnapshot Observe(ServiceSnapshot seen)
    {
        var service = seen.Service;
        lock (_gate)
        {
            if (!AccelerationDecider.IsAsked(seen))
            {
                _services.Remove(service.Metadata.Uid);
                return seen;
            }

            var known = _services.GetValueOrDefault(service.Metadata.Uid);
            var told = known is null ? service.Status?.Acceleration : null;
            var now = new Dictionary<ServerRun, Load>();
            var reports = new Dictionary<string, LoadReport?>(StringComparer.Ordinal);
            foreach (var pod in seen.Pods)
            {
                // One that is not ready for a moment has said it once and for all.
                var (run, isServing) = (RunOf(pod), pod.IsServing());
                var load = known?.GetValueOrDefault(run)
                    ?? (isServing ? new Load(new(service.Metadata.NamespaceProperty, service.Metadata.Name, service.Metadata.Uid, pod.Metadata.Name, run), Told(told, pod)) : null);
                if (load is null) continue;
                now[run] = load;
                if (isServing) reports[pod.Metadata.Name] = load.Report;
            }

            _services[service.Metadata.Uid] = now;
            return seen with { Loads = reports };
        }
    }

    /// <summary>The logs that are to be read now: those that have been tried the least first.</summary>
    public IReadOnlyList<UnreadLoad> Due()
    {
        var now = time.GetUtcNow();
        lock (_gate) return [.. _services.Values.SelectMany(s => s.Values).Where(l => l.Due <= now).OrderBy(l => l.Tries).ThenBy(l => l.Due).Select(l => l.At)];
    }

    /// <summary>Takes note of what was read.</summary>
    /// <returns>True if that is something new of a server that still serves.</returns>
    public bool Take(UnreadLoad read, LoadReport report)
    {
        lock (_gate)
        {
            if (_services.GetValueOrDefault(read.ServiceUid)?.GetValueOrDefault(read.Run) is not { Due: not null } load) return false;
            load.Tries++;
            var isLast = report is LoadReport.Offload || (report is not LoadReport.Unreadable && load.Tries >= Looks);
            load.Due = isLast ? null : time.GetUtcNow() + Pause(load.Tries);

            // The cause of a failure may be in other words each time.
            var isNew = isLast || (report is LoadReport.Unreadable && load.Report is null);
            if (isNew) load.Report = report;
            return isNew;
        }
    }

    /// <summary>The service is gone.</summary>
    public void Forget(string uid)
    {
        lock (_gate) _services.Remove(uid);
    }

    private static TimeSpan Pause(int tries)
    {
        var pause = BetweenLooks * Math.Pow(2, Math.Max(0, tries - Looks));
        return pause < LongestPause ? pause : LongestPause;
    }

    private static ServerRun RunOf(V1Pod pod) =>
        new(pod.Metadata.Uid, pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == DeploymentBuilder.Container)?.RestartCount ?? 0);

    private static LoadReport.Offload? Told(AccelerationStatus? told, V1Pod pod) =>
        told is { LayersOffloaded: { } layers, Pods: { } pods } && pods.Contains(pod.Metadata.Name) ? new(told.Device, layers, told.LayersTotal) : null;

    private sealed class Load(UnreadLoad at, LoadReport? told)
    {
        public UnreadLoad At => at;

        /// <summary>What is known; null: nothing yet.</summary>
        public LoadReport? Report { get; set; } = told;

        public int Tries { get; set; }

        /// <summary>When to read it; null: it need not be read any more.</summary>
        public DateTimeOffset? Due { get; set; } = told is null ? DateTimeOffset.MinValue : null;
    }
}
