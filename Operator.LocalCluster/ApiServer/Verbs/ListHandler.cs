using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Tables;

namespace LlmKube.Operator.LocalCluster.ApiServer.Verbs;

/// <summary>Lists objects: a page of a consistent snapshot.</summary>
internal sealed class ListHandler(ObjectStore store, TimeProvider time)
{
    public Task HandleAsync(ApiRequest request)
    {
        var selection = Selection.Of(request);
        var limit = request.Number("limit") ?? 0;
        var start = ListStart.Of(request, store, limit);
        List<StoredObject> page = [];
        var next = "";
        long? remaining = null;
        using (var items = start.Snapshot.From(selection.Namespace, start.After).Where(s => selection.Matches(s.Json)).GetEnumerator())
        {
            while (items.MoveNext())
            {
                if (limit > 0 && page.Count == limit)
                {
                    next = new ContinueToken(start.Snapshot.Revision, page[^1].Key).ToString();
                    if (selection.IsWhole) remaining = 1 + Count(items);
                    break;
                }

                page.Add(items.Current);
            }
        }

        var metadata = new JsonObject { ["resourceVersion"] = start.Snapshot.Revision.ToString(CultureInfo.InvariantCulture) };
        if (next.Length > 0) metadata["continue"] = next;
        if (remaining is not null) metadata["remainingItemCount"] = remaining;
        return WriteAsync(request, page, metadata);
    }

    private Task WriteAsync(ApiRequest request, List<StoredObject> page, JsonObject metadata)
    {
        var resource = request.Resource;
        ResponseWriter.Warn(request);
        switch (request.Form)
        {
            case { View: ObjectView.Table }:
                var rows = page.Select(s => ObjectViews.InVersion(resource, s.Json));
                return ResponseWriter.JsonAsync(request.Http, TableBuilder.Build(resource, rows, time, metadata, ResponseWriter.IncludeObject(request)), 200, request.Form.Yaml);
            case { View: ObjectView.Metadata }:
                return ResponseWriter.JsonAsync(request.Http, new JsonObject
                {
                    ["kind"] = "PartialObjectMetadataList",
                    ["apiVersion"] = "meta.k8s.io/v1",
                    ["metadata"] = metadata,
                    ["items"] = ApiObject.List(page.Select(s => ObjectViews.Metadata(s.Json))),
                }, 200, request.Form.Yaml);
            case { Yaml: true }:
                return ResponseWriter.JsonAsync(request.Http, new JsonObject
                {
                    ["kind"] = resource.ListKind,
                    ["apiVersion"] = resource.ApiVersion,
                    ["metadata"] = metadata,
                    ["items"] = ApiObject.List(page.Select(s => ObjectViews.InVersion(resource, s.Json).DeepClone())),
                }, 200, yaml: true);
            default:
                return ResponseWriter.BytesAsync(request.Http, ListBytes.Of(resource, page, metadata), ResponseForm.Json);
        }
    }

    private static int Count(IEnumerator<StoredObject> items)
    {
        var count = 0;
        while (items.MoveNext()) count++;
        return count;
    }
}

/// <summary>Where a list begins: which snapshot, after which key.</summary>
internal sealed record ListStart(Snapshot Snapshot, string After)
{
    public static ListStart Of(ApiRequest request, ObjectStore store, long limit)
    {
        var table = request.Resource.Table;
        var match = request.Query("resourceVersionMatch");
        var version = request.Query("resourceVersion");
        if (request.Query("continue") is { Length: > 0 } token) return Continued(ContinueToken.Parse(token), store, table, version, match);
        if (match.Length > 0 && version.Length == 0) throw Refused(request, "resourceVersionMatch", "Forbidden", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (match is not ("" or "Exact" or "NotOlderThan")) throw Refused(request, "resourceVersionMatch", "Unsupported", $"Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
        if (version is "" or "0") return match is "Exact" && version is "0"
            ? throw Refused(request, "resourceVersionMatch", "Forbidden", "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
            : new(store.Current(table), "");
        var revision = Revisions.Parse(version);
        var current = store.Current(table);
        if (revision > current.Revision) throw ApiException.TooLarge(revision, current.Revision);
        if (match is not "Exact" && !(match.Length == 0 && limit > 0)) return new(current, "");
        return new(store.At(table, revision) ?? throw ApiException.Expired("The resourceVersion for the provided list is too old."), "");
    }

    private static ListStart Continued(ContinueToken token, ObjectStore store, string table, string version, string match)
    {
        if (version.Length > 0 && version != "0") throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
        if (match.Length > 0) throw ApiException.BadRequest("specifying resource version match is not allowed when using continue");
        if (token.Revision < 0) return new(store.Current(table), token.Key);
        if (store.At(table, token.Revision) is { } snapshot) return new(snapshot, token.Key);
        var expired = ApiException.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
        expired.Status["metadata"] = new JsonObject { ["continue"] = (token with { Revision = -1 }).ToString() };
        throw expired;
    }

    private static ApiException Refused(ApiRequest request, string field, string reason, string message)
    {
        _ = request;
        return ApiException.Invalid("ListOptions", "meta.k8s.io", "", reason is "Forbidden"
            ? new Cause("FieldValueForbidden", field, $"Forbidden: {message}")
            : new Cause("FieldValueNotSupported", field, message));
    }
}

/// <summary>Where the next page begins; opaque to clients.</summary>
internal sealed record ContinueToken(long Revision, string Key)
{
    public static ContinueToken Parse(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            if (ObjectReader.Parse(Convert.FromBase64String(padded)) is JsonObject json && json.Number("rv") is { } revision && json.Text("start") is { } key)
            {
                return new(revision, key.TrimEnd('\0'));
            }
        }
        catch (FormatException)
        {
            throw Malformed();
        }

        throw Malformed();
    }

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = Key + "\0" };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString())).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static ApiException Malformed() => ApiException.BadRequest("continue key is not valid: illegal base64 data");
}
