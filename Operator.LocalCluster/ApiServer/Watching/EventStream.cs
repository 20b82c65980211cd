using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Tables;

namespace LlmKube.Operator.LocalCluster.ApiServer.Watching;

/// <summary>The events of one watch: collected, then written in one go.</summary>
internal sealed class EventStream(ApiRequest request, Selection selection, TimeProvider time)
{
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly ResourceDefinition _resource = request.Resource;
    private bool _columnsSent;

    public void Added(StoredObject stored)
    {
        if (selection.Matches(stored.Json)) Write("ADDED", stored);
    }

    /// <summary>What a change means to this selection: an object that enters it is added, one that leaves it is deleted.</summary>
    public void Changed(Change change)
    {
        var before = change.Before is not null && selection.Matches(change.Before.Json);
        var after = !change.Deleted && selection.Matches(change.After.Json);
        switch (before, after)
        {
            case (false, true):
                Write("ADDED", change.After);
                break;
            case (true, true):
                Write("MODIFIED", change.After);
                break;
            case (true, false):
                Write("DELETED", change.Deleted ? change.After : LastInSelection(change));
                break;
            default:
                break;
        }
    }

    /// <summary>Tells the client that it has seen all up to a revision.</summary>
    public void Bookmark(long revision, bool initialEnd = false)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (initialEnd) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        var mark = new JsonObject { ["kind"] = _resource.Kind, ["apiVersion"] = _resource.ApiVersion, ["metadata"] = metadata };
        Write("BOOKMARK", request.Form.View switch
        {
            ObjectView.Table => TableBuilder.Build(_resource, [mark], time, new JsonObject { ["resourceVersion"] = metadata["resourceVersion"]!.DeepClone() }, ResponseWriter.IncludeObject(request), columns: !_columnsSent),
            ObjectView.Metadata => ObjectViews.Metadata(mark),
            _ => mark,
        });
    }

    public void Error(JsonObject status) => Write("ERROR", status);

    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (_pending.WrittenCount > 0)
        {
            await request.Http.Response.Body.WriteAsync(_pending.WrittenMemory, cancellation);
            _pending.ResetWrittenCount();
        }

        await request.Http.Response.Body.FlushAsync(cancellation);
    }

    // What the client had, under the revision at which it left.
    private static StoredObject LastInSelection(Change change) => new(change.After.Key, change.Revision, change.Before!.Json.Copy());

    private void Write(string type, StoredObject stored)
    {
        if (request.Form.View is ObjectView.Whole && ReferenceEquals(ObjectViews.InVersion(_resource, stored.Json), stored.Json))
        {
            Open(type);
            _pending.Write(stored.Utf8.Span);
            _pending.Write("}\n"u8);
            return;
        }

        var shown = ObjectViews.InVersion(_resource, stored.Json);
        switch (request.Form.View)
        {
            case ObjectView.Table:
                Write(type, TableBuilder.Build(_resource, [shown], time, new JsonObject { ["resourceVersion"] = shown.ResourceVersion }, ResponseWriter.IncludeObject(request), columns: !_columnsSent));
                _columnsSent = true;
                break;
            case ObjectView.Metadata:
                Write(type, ObjectViews.Metadata(shown));
                break;
            default:
                Write(type, shown);
                break;
        }
    }

    private void Write(string type, JsonObject json)
    {
        Open(type);
        _pending.Write(JsonSerializer.SerializeToUtf8Bytes(json, Wire.Options));
        _pending.Write("}\n"u8);
    }

    private void Open(string type) => _pending.Write(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
}
