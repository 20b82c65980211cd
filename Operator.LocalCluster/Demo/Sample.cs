using System.Text.Json;
using System.Text.RegularExpressions;
using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The sample that the demo applies.</summary>
internal static partial class Sample
{
    /// <summary>Where it is in the repository.</summary>
    public const string Path = "deploy/samples/demo.yaml";

    /// <summary>The name of its Model and of its InferenceService, and the namespace that they get.</summary>
    public const string Name = "demo", Namespace = "default";

    /// <summary>The manifest with another source for its Model.</summary>
    /// <exception cref="CannotRunException">It does not have exactly one.</exception>
    public static string WithSource(string manifest, Uri source)
    {
        if (Source().Count(manifest) != 1) throw new CannotRunException($"{Path} must have exactly one line \"source: URL\"");
        return Source().Replace(manifest, m => $"{m.Groups["key"].Value}{JsonSerializer.Serialize(source.AbsoluteUri, Plain)}");
    }

    // A JSON string is a YAML string; & and + need no escape in it.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex(@"^(?<key> +source: )\S.*?(?=\r?$)", RegexOptions.Multiline)]
    private static partial Regex Source();
}
