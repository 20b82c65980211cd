using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Jobs;

/// <summary>What a Job's podFailurePolicy makes of a failed pod.</summary>
internal static class PodFailurePolicy
{
    /// <returns>Whether the failure counts against the backoff limit, and why it fails the Job at once, if it does.</returns>
    public static (bool Counts, string? Verdict) Judge(V1Job job, V1Pod pod)
    {
        var rules = job.Spec.PodFailurePolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (Match(rules[i], pod) is not { } what) continue;
            return rules[i].Action switch
            {
                "FailJob" => (true, $"{what} matching FailJob rule at index {i}"),
                "Ignore" => (false, null),
                _ => (true, null),
            };
        }

        return (true, null);
    }

    private static string? Match(V1PodFailurePolicyRule rule, V1Pod pod)
    {
        var name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";
        if (rule.OnExitCodes is { } codes)
        {
            foreach (var container in (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []))
            {
                if (container.State?.Terminated is not { ExitCode: not 0 and var code }) continue;
                if (codes.ContainerName is { } only && only != container.Name) continue;
                if (codes.Values.Contains(code) == (codes.OperatorProperty == "In")) return $"Container {container.Name} for pod {name} failed with exit code {code}";
            }

            return null;
        }

        var condition = rule.OnPodConditions?
            .Select(p => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == p.Type && c.Status == (p.Status ?? "True")))
            .FirstOrDefault(c => c is not null);
        return condition is null ? null : $"Pod {name} has condition {condition.Type}";
    }
}
