using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The selector and pod labels that the real server gives a Job when it is created, so that the Job finds its own pods only.</summary>
internal static class JobSelector
{
    private static readonly string[] Prefixes = ["batch.kubernetes.io/", ""];

    /// <summary>A copy with selector and labels; as it is when the Job says manualSelector.</summary>
    /// <param name="job">A defaulted Job that has its uid and name.</param>
    public static JsonObject Generate(JsonObject job)
    {
        var result = job.Clone();
        var spec = result.Part("spec");
        if (spec["manualSelector"].AsFlag() is true || result.At("metadata", "uid").AsText() is not { } uid)
        {
            return result;
        }

        var labels = spec.Part("template").Part("metadata").Part("labels");
        foreach (var prefix in Prefixes)
        {
            labels[$"{prefix}controller-uid"] = uid;
            labels[$"{prefix}job-name"] = result.At("metadata", "name").AsText() ?? "";
        }

        spec.Part("selector").Part("matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
        return result;
    }
}
