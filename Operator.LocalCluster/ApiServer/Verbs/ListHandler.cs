using System.Globalization;
using System.Text.Json.Nodes;
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
