using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;

namespace LlmKube.Operator.LocalCluster.ApiServer.Deletion;

/// <summary>How an object is to be deleted. A request that has a body says it there, and its query then counts for nothing.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Orphan, Background or Foreground; null leaves it to the object's finalizers and the kind.</summary>
    public string? PropagationPolicy { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>The caller said orphanDependents=false, the old way to ask for Background, and learns by the code whether the object is still there.</summary>
    public bool TellsIfPending { get; init; }

    public bool DryRun { get; init; }

    public static async Task<DeleteOptions> OfAsync(ApiRequest request) => Of(await request.ReadObjectAsync() as JsonObject ?? Query(request));

    public static DeleteOptions Of(JsonObject json)
    {
        var dryRun = json.Texts("dryRun");
        bool? orphan = json["orphanDependents"] is null ? null : json.Flag("orphanDependents");
        var options = new DeleteOptions
        {
            GracePeriodSeconds = json.Number("gracePeriodSeconds"),
            PropagationPolicy = json.Text("propagationPolicy") ?? orphan switch { true => "Orphan", false => "Background", null => null },
            Uid = json.Text("preconditions", "uid"),
            ResourceVersion = json.Text("preconditions", "resourceVersion"),
            TellsIfPending = orphan is false,
            DryRun = dryRun.Contains("All"),
        };
        Check(json, dryRun, options.PropagationPolicy);
        return options;
    }

    private static JsonObject Query(ApiRequest request)
    {
        var json = new JsonObject();
        if (request.Number("gracePeriodSeconds") is { } seconds) json["gracePeriodSeconds"] = seconds;
        if (request.Query("propagationPolicy") is { Length: > 0 } policy) json["propagationPolicy"] = policy;
        if (request.Query("orphanDependents").Length > 0) json["orphanDependents"] = request.Flag("orphanDependents");
        if (request.DryRun) json["dryRun"] = new JsonArray("All");
        return json;
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
