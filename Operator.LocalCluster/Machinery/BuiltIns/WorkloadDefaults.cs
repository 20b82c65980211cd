using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Defaults of the kinds that make pods.</summary>
internal static class WorkloadDefaults
{
    public static void Deployment(JsonObject spec)
    {
        spec.SetDefault("replicas", 1);
        spec.SetDefault("revisionHistoryLimit", 10);
        spec.SetDefault("progressDeadlineSeconds", 600);
        var strategy = spec.Part("strategy");
        strategy.SetDefault("type", "RollingUpdate");
        if (strategy["type"].AsText() is "RollingUpdate")
        {
            var rolling = strategy.Part("rollingUpdate");
            rolling.SetDefault("maxUnavailable", "25%");
            rolling.SetDefault("maxSurge", "25%");
        }

        PodTemplate(spec);
    }

    public static void ReplicaSet(JsonObject spec)
    {
        spec.SetDefault("replicas", 1);
        PodTemplate(spec);
    }

    public static void StatefulSet(JsonObject spec)
    {
        spec.SetDefault("replicas", 1);
        spec.SetDefault("revisionHistoryLimit", 10);
        spec.SetDefault("podManagementPolicy", "OrderedReady");
        var strategy = spec.Part("updateStrategy");
        strategy.SetDefault("type", "RollingUpdate");
        if (strategy["type"].AsText() is "RollingUpdate")
        {
            strategy.Part("rollingUpdate").SetDefault("partition", 0);
        }

        var retention = spec.Part("persistentVolumeClaimRetentionPolicy");
        retention.SetDefault("whenDeleted", "Retain");
        retention.SetDefault("whenScaled", "Retain");
        foreach (var claim in spec.Each("volumeClaimTemplates"))
        {
            CoreDefaults.PersistentVolumeClaim(claim);
        }

        PodTemplate(spec);
    }

    public static void DaemonSet(JsonObject spec)
    {
        spec.SetDefault("revisionHistoryLimit", 10);
        var strategy = spec.Part("updateStrategy");
        strategy.SetDefault("type", "RollingUpdate");
        if (strategy["type"].AsText() is "RollingUpdate")
        {
            var rolling = strategy.Part("rollingUpdate");
            rolling.SetDefault("maxUnavailable", 1);
            rolling.SetDefault("maxSurge", 0);
        }

        PodTemplate(spec);
    }

    public static void Job(JsonObject spec)
    {
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        spec.SetDefault("parallelism", 1);
        spec.SetDefault("backoffLimit", 6);
        spec.SetDefault("completionMode", "NonIndexed");
        spec.SetDefault("suspend", false);
        spec.SetDefault("manualSelector", false);
        spec.SetDefault("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        PodTemplate(spec);
    }

    public static void CronJob(JsonObject spec)
    {
        spec.SetDefault("concurrencyPolicy", "Allow");
        spec.SetDefault("suspend", false);
        spec.SetDefault("successfulJobsHistoryLimit", 3);
        spec.SetDefault("failedJobsHistoryLimit", 1);
        PodTemplate(spec.Part("jobTemplate").Part("spec"));
    }

    private static void PodTemplate(JsonObject spec) => PodDefaults.Spec(spec.Part("template").Part("spec"));
}
