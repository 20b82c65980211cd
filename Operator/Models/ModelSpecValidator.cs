using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>Why a Model's source can't be fetched as its spec stands.</summary>
/// <param name="Reason">A condition's reason.</param>
/// <param name="Message">Names the field, what is wrong and what to do.</param>
internal sealed record SpecProblem(string Reason, string Message);

/// <summary>Checks what the schema can't, and what got past an older schema.</summary>
internal static class ModelSpecValidator
{
    /// <summary>The source taken apart, or what is wrong with it.</summary>
    public static (SourceAddress? Address, SpecProblem? Problem) Validate(ModelSpec spec, OperatorOptions options)
    {
        if (spec.Format is not (null or ModelFormats.Gguf)) return (null, new(Reasons.InvalidSpec, $"spec.format is {spec.Format}; only {ModelFormats.Gguf} can be served"));
        if (!SourceAddress.TryParse(spec.Source, out var address, out var problem)) return (null, new(Reasons.InvalidSpec, $"spec.source {problem}"));
        if (address is SourceAddress.Local local && !options.AllowedHostPaths.Any(root => IsUnder(local.Path, root)))
        {
            // Without a list of allowed roots every tenant could read every node's disk.
            return (null, new(
                Reasons.SourceNotAllowed,
                $"spec.source {local.Path} is a path of the node, and not under a root that the operator's flag --allowed-host-paths lists"));
        }

        return (address, null);
    }

    private static bool IsUnder(string path, string root) => path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);
}
