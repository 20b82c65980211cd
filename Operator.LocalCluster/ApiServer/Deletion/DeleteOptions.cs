using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;

namespace LlmKube.Operator.LocalCluster.ApiServer.Deletion;

/// <summary>How an object is to be deleted: from the body of the request, or else from its query.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Orphan, Background or Foreground; null leaves it to the object's finalizers and the kind.</summary>
    public string? PropagationPolicy { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public bool DryRun { get; init; }

    public static async Task<DeleteOptions> OfAsync(ApiRequest request) => Of(request, await request.ReadObjectAsync());

    public static DeleteOptions Of(ApiRequest request, JsonNode? body)
    {
        var json = body as JsonObject ?? [];
        var dryRun = json.Texts("dryRun");
        var options = new DeleteOptions
        {
            GracePeriodSeconds = json.Number("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds"),
            PropagationPolicy = json.Text("propagationPolicy") ?? (request.Query("propagationPolicy") is { Length: > 0 } policy ? policy : null)
                ?? (json["orphanDependents"] is null ? null : json.Flag("orphanDependents") ? "Orphan" : "Background"),
            Uid = json.Text("preconditions", "uid"),
            ResourceVersion = json.Text("preconditions", "resourceVersion"),
            DryRun = request.DryRun || dryRun.Contains("All"),
        };
        Check(json, dryRun, options.PropagationPolicy);
        return options;
    }

    private static void Check(JsonObject json, IReadOnlyList<string> dryRun, string? policy)
    {
        if (dryRun.FirstOrDefault(d => d is not "All") is { } wrong) throw Invalid("FieldValueNotSupported", "dryRun", $"Unsupported value: \"{wrong}\": supported values: \"All\"");
        if (policy is not (null or "" or "Orphan" or "Background" or "Foreground"))
        {
            throw Invalid("FieldValueNotSupported", "propagationPolicy", $"Unsupported value: \"{policy}\": supported values: \"Background\", \"Foreground\", \"Orphan\", \"nil\"");
        }

        if (json["orphanDependents"] is not null && json["propagationPolicy"] is not null)
        {
            throw Invalid("FieldValueInvalid", "propagationPolicy", $"Invalid value: \"{policy}\": orphanDependents and deletionPropagation cannot be both set");
        }
    }

    private static ApiException Invalid(string reason, string field, string message) => ApiException.Invalid("DeleteOptions", "meta.k8s.io", "", new Cause(reason, field, message));
}
