using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Verbs;

/// <summary>Where a list begins: which snapshot, after which key.</summary>
internal sealed record ListStart(Snapshot Snapshot, string After)
{
    public static ListStart Of(ApiRequest request, ObjectStore store, long limit)
    {
        var table = request.Resource.Table;
        var match = request.Query("resourceVersionMatch");
        var version = request.Query("resourceVersion");
        if (request.Query("continue") is { Length: > 0 } token) return Continued(ContinueToken.Parse(token), store, table, version, match);
        if (match.Length > 0 && version.Length == 0) throw Refused("FieldValueForbidden", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (match is not ("" or "Exact" or "NotOlderThan")) throw Refused("FieldValueNotSupported", $"Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
        if (version is "" or "0")
        {
            return match is "Exact" && version is "0"
                ? throw Refused("FieldValueForbidden", "Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
                : new(store.Current(table), "");
        }

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

    private static ApiException Refused(string reason, string message) =>
        ApiException.Invalid("ListOptions", "meta.k8s.io", "", new Cause(reason, "resourceVersionMatch", message));
}
