using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.Cli.Manifests;

/// <summary>The formats that manifests are written in.</summary>
internal enum ManifestFormat
{
    Yaml,
    Json,
}

internal static class ManifestFormats
{
    // Not for a browser: '<' and '+' may stand as they are.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // kustomize reads a JSON kustomization only from a file that is called .yaml (JSON is YAML).
    public static string Extension(this ManifestFormat format) => format == ManifestFormat.Json ? ".json" : ".yaml";

    public static string Write(this ManifestFormat format, JsonObject content) =>
        format == ManifestFormat.Json ? content.ToJsonString(Indented) + "\n" : Yaml.Write(content);
}
