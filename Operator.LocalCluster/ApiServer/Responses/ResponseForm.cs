using LlmKube.Operator.LocalCluster.ApiServer.Errors;

namespace LlmKube.Operator.LocalCluster.ApiServer.Responses;

/// <summary>How objects are shown in an answer.</summary>
internal enum ObjectView
{
    /// <summary>As they are.</summary>
    Whole,

    /// <summary>As rows of printer columns.</summary>
    Table,

    /// <summary>Metadata alone.</summary>
    Metadata,
}

/// <summary>What the client accepts, in its order of preference; protobuf is not offered.</summary>
internal sealed record ResponseForm(ObjectView View, bool Yaml)
{
    public const string Json = "application/json";

    public static readonly ResponseForm Plain = new(ObjectView.Whole, false);

    /// <exception cref="ApiException">406: nothing that this server can write is accepted.</exception>
    public static ResponseForm Of(string accept)
    {
        if (string.IsNullOrWhiteSpace(accept)) return Plain;
        foreach (var range in accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            var parameters = parts.Skip(1).Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
            var yaml = parts[0] is "application/yaml";
            if (!yaml && parts[0] is not (Json or "application/*" or "*/*")) continue;
            switch (parameters["as"].FirstOrDefault())
            {
                case null:
                    return new(ObjectView.Whole, yaml);
                case "Table" when IsMeta(parameters, "v1"):
                    return new(ObjectView.Table, yaml);
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when IsMeta(parameters, "v1"):
                    return new(ObjectView.Metadata, yaml);
                default:
                    continue;
            }
        }

        throw ApiException.NotAcceptable("only the following media types are accepted: application/json, application/yaml, application/json;stream=watch");
    }

    private static bool IsMeta(ILookup<string, string> parameters, string version) =>
        parameters["g"].FirstOrDefault() is "meta.k8s.io" && parameters["v"].FirstOrDefault() == version;
}
