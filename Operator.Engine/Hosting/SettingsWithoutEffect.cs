using KubeOps.Abstractions.Builder;

namespace LlmKube.Operator.Engine.Hosting;

/// <summary>KubeOps' settings that mean nothing to this engine.</summary>
internal static class SettingsWithoutEffect
{
    /// <summary>Those that somebody has changed all the same, and what the engine does instead.</summary>
    public static IEnumerable<(string Name, string Instead)> In(OperatorSettings settings)
    {
        var untouched = new OperatorSettingsBuilder().Build();
        var (given, standard) = (settings.ParallelReconciliation, untouched.ParallelReconciliation);
        if (settings.WatchStrategy != untouched.WatchStrategy)
        {
            yield return (nameof(settings.WatchStrategy), "controllers of one kind and selector always share a watch");
        }

        if (given.ConflictStrategy != standard.ConflictStrategy)
        {
            yield return (nameof(given.ConflictStrategy), "a key that is being reconciled waits, and once for any number of changes");
        }

        if (given.RequeueDelay != standard.RequeueDelay) yield return (nameof(given.RequeueDelay), "a key that is being reconciled is next when that ends");
        if (given.MaxErrorRetries != standard.MaxErrorRetries) yield return (nameof(given.MaxErrorRetries), "a failed reconcile is retried for ever");
        if (given.ErrorBackoffBase != standard.ErrorBackoffBase)
        {
            yield return (nameof(given.ErrorBackoffBase), "retries wait from 5 milliseconds up to 5 minutes");
        }
    }
}
