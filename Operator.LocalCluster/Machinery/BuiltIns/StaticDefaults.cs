namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The few defaults that the built-in types declare themselves; server-side apply uses them to complete the keys of list maps.</summary>
internal static class StaticDefaults
{
    private static readonly Dictionary<string, string> Fields = new()
    {
        ["ContainerPort.protocol"] = "\"TCP\"",
        ["ServicePort.protocol"] = "\"TCP\"",
        ["LocalObjectReference.name"] = "\"\"",
    };

    public static string? For(string type, string field) => Fields.GetValueOrDefault($"{type}.{field}");
}
