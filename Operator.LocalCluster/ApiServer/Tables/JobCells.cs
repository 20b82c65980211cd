using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>What kubectl shows of a job.</summary>
internal static class JobCells
{
    public static string Status(JsonObject job)
    {
        foreach (var type in (string[])["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"])
        {
            if (job.Objects("status", "conditions").Any(c => c.Text("type") == type && c.Text("status") is "True")) return type;
        }

        return job.IsDeleting ? "Terminating" : "Running";
    }

    public static string Completions(JsonObject job)
    {
        var done = job.Number("status", "succeeded") ?? 0;
        if (job.Number("spec", "completions") is { } wanted) return $"{done}/{wanted}";
        var parallel = job.Number("spec", "parallelism") ?? 0;
        return parallel > 1 ? $"{done}/1 of {parallel}" : $"{done}/1";
    }

    public static JsonNode Duration(JsonObject job, DateTimeOffset now) => Timestamps.Parse(job.Text("status", "startTime")) is { } start
        ? HumanDuration.Of((Timestamps.Parse(job.Text("status", "completionTime")) ?? now) - start)
        : "";
}
