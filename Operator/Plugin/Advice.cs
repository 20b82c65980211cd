using System.Collections.Frozen;
using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Plugin;

/// <summary>What a reason means and what to do about it: the rows of docs/operations.md, which is part of the program, with a command for each.</summary>
/// <param name="Means">What it means.</param>
/// <param name="Do">What to do; empty: nothing.</param>
/// <param name="Command">A command to begin with, which changes nothing by itself and needs no right outside of the namespace. In it <c>{ns}</c>, <c>{name}</c> and <c>{label}</c> stand for the object's.</param>
internal sealed partial record Advice(string Means, string Do, string Command)
{
    private const string Resource = "operations.md";
    private const string EditModel = "kubectl -n {ns} edit model {name}";
    private const string EditService = "kubectl -n {ns} edit isvc {name}";
    private const string DescribePods = "kubectl -n {ns} describe pod -l " + Labels.Service + "={label}";
    private const string LastLog = "kubectl -n {ns} logs -l " + Labels.Service + "={label} --previous --tail=20";
    private const string Warnings = "kubectl -n {ns} get events --field-selector type=Warning --sort-by=.lastTimestamp";
    private const string DescribeClaims = "kubectl -n {ns} describe pvc";

    // Of what is not here the object itself tells most.
    private static readonly FrozenDictionary<(string Kind, string Reason), string> Commands = new Dictionary<(string, string), string>
    {
        [(Model.KubeKind, Reasons.SourceNotFound)] = EditModel,
        [(Model.KubeKind, Reasons.SourceUnauthorized)] = EditModel,
        [(Model.KubeKind, Reasons.SourceNotAllowed)] = EditModel,
        [(Model.KubeKind, Reasons.LengthMismatch)] = EditModel,
        [(Model.KubeKind, Reasons.NotGguf)] = EditModel,
        [(Model.KubeKind, Reasons.ChecksumMismatch)] = EditModel,
        [(Model.KubeKind, Reasons.InvalidSpec)] = EditModel,
        [(Model.KubeKind, Reasons.OutOfSpace)] = DescribeClaims,
        [(Model.KubeKind, Reasons.CacheUnusable)] = DescribeClaims,
        [(Model.KubeKind, Reasons.CacheVolumeUnbindable)] = DescribeClaims,
        [(Model.KubeKind, Reasons.CacheSingleNode)] = DescribeClaims,
        [(Model.KubeKind, Reasons.PodCreationFailed)] = Warnings,
        [(InferenceService.KubeKind, Reasons.ModelNotFound)] = "kubectl -n {ns} get models",
        [(InferenceService.KubeKind, Reasons.Stopped)] = "kubectl -n {ns} scale isvc {name} --replicas=1",
        [(InferenceService.KubeKind, Reasons.InsufficientGPU)] = "kubectl llmkube queue -n {ns}",
        [(InferenceService.KubeKind, Reasons.InsufficientResources)] = DescribePods,
        [(InferenceService.KubeKind, Reasons.Unschedulable)] = DescribePods,
        [(InferenceService.KubeKind, Reasons.CacheVolumeUnbindable)] = DescribePods,
        [(InferenceService.KubeKind, Reasons.CacheSingleNode)] = DescribeClaims,
        [(InferenceService.KubeKind, Reasons.ImagePullFailed)] = DescribePods,
        [(InferenceService.KubeKind, Reasons.CrashLooping)] = LastLog,
        [(InferenceService.KubeKind, Reasons.DriverIncompatible)] = LastLog,
        [(InferenceService.KubeKind, Reasons.InsufficientGPUMemory)] = EditService,
        [(InferenceService.KubeKind, Reasons.OOMKilled)] = EditService,
        [(InferenceService.KubeKind, Reasons.ModelMissing)] = "kubectl -n {ns} get pods -o wide -l " + Labels.Service + "={label}",
        [(InferenceService.KubeKind, Reasons.PodCreationFailed)] = Warnings,
        [(InferenceService.KubeKind, Reasons.ProgressDeadlineExceeded)] = "kubectl -n {ns} logs -l " + Labels.Service + "={label} --tail=50",
        [(InferenceService.KubeKind, Reasons.UpgradeFailed)] = DescribePods,
        [(InferenceService.KubeKind, Reasons.InvalidSpec)] = EditService,
        [(InferenceService.KubeKind, Reasons.NameConflict)] = "kubectl -n {ns} get deployments,services,poddisruptionbudgets --show-labels",
        [(InferenceService.KubeKind, Reasons.CPUFallback)] = "kubectl -n {ns} logs -l " + Labels.Service + "={label} --tail=-1",
    }.ToFrozenDictionary();

    private static readonly Lazy<FrozenDictionary<(string Kind, string Reason), Advice>> Table = new(Read);

    /// <summary>The advice for a reason in a condition of a kind.</summary>
    /// <returns>Null for a word that is no reason of ours.</returns>
    public static Advice? For(string kind, string reason) => Table.Value.GetValueOrDefault((kind, reason));

    private static FrozenDictionary<(string Kind, string Reason), Advice> Read()
    {
        using var text = new StreamReader(typeof(Advice).Assembly.GetManifestResourceStream(Resource)!);
        Dictionary<(string, string), Advice> rows = [];
        var kind = "";
        while (text.ReadLine() is { } line)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) kind = line[3..] == "Models" ? Model.KubeKind : InferenceService.KubeKind;
            if (!line.StartsWith("| `", StringComparison.Ordinal)) continue;
            string[] cells = [.. line.Trim('|', ' ').Split('|').Select(Plain)];
            foreach (var reason in Reason().Matches(line.Split('|')[1]).Select(m => m.Groups[1].Value))
            {
                // Of several rows the first explains.
                rows.TryAdd((kind, reason), new(cells[1], line.TrimEnd().EndsWith("| |", StringComparison.Ordinal) ? "" : cells[^1], CommandOf(kind, reason)));
            }
        }

        return rows.ToFrozenDictionary();
    }

    private static string CommandOf(string kind, string reason) =>
        Commands.GetValueOrDefault((kind, reason)) ?? $"kubectl -n {{ns}} describe {(kind == Model.KubeKind ? "model" : "isvc")} {{name}}";

    private static string Plain(string markdown) => Link().Replace(markdown, "$1").Replace("`", "", StringComparison.Ordinal).Trim();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Reason();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
