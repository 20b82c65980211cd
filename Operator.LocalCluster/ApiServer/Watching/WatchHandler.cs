using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Watching;

/// <summary>Streams the changes of a selection until the client leaves, its timeout passes, or the server drops its watches.</summary>
internal sealed class WatchHandler(ObjectStore store, WatchSettings settings)
{
    public async Task HandleAsync(ApiRequest request, CancellationToken dropped)
    {
        var selection = Selection.Of(request);
        var start = WatchStart.Of(request, store);
        if (start.Subscription is null && settings.ExpiredWatch is ExpiredWatch.HttpStatus) throw start.Expired!;
        using var subscription = start.Subscription;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, dropped);
        ResponseWriter.Warn(request);
        request.Http.Response.ContentType = ResponseForm.Json;
        var stream = new EventStream(request, selection, settings.Time);
        try
        {
            await request.Http.Response.StartAsync(ended.Token);
            if (subscription is null) stream.Error(start.Expired!.Status);
            foreach (var stored in start.Initial) stream.Added(stored);
            if (start.MarksInitialEnd) stream.Bookmark(start.Revision, initialEnd: true);
            await stream.FlushAsync(ended.Token);
            if (subscription is not null) await FollowAsync(request, subscription, stream, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client left, or the server ends its watches: a stream that ends needs no answer.
        }
    }

    private async Task FollowAsync(ApiRequest request, Subscription subscription, EventStream stream, CancellationToken ended)
    {
        var bookmarks = request.Flag("allowWatchBookmarks");
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var timeout = Task.Delay(Timeout(request), settings.Time, idle.Token);
        var pause = bookmarks ? Task.Delay(settings.BookmarkInterval, settings.Time, idle.Token) : Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, settings.Time, idle.Token);
        try
        {
            while (true)
            {
                var more = subscription.Changes.WaitToReadAsync(ended).AsTask();
                var first = await Task.WhenAny(more, timeout, pause);
                ended.ThrowIfCancellationRequested();
                // Read before the changes are taken: all that happened up to it is then in the stream.
                var revision = store.Revision;
                while (subscription.Changes.TryRead(out var change)) stream.Changed(change);
                if (first != more && bookmarks) stream.Bookmark(revision);
                if (first == pause) pause = Task.Delay(settings.BookmarkInterval, settings.Time, idle.Token);
                await stream.FlushAsync(ended);
                if (first == timeout || (first == more && !await more)) return;
            }
        }
        finally
        {
            await idle.CancelAsync();
        }
    }

    private TimeSpan Timeout(ApiRequest request) => request.Number("timeoutSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : settings.LongestWatch;
}

/// <summary>Where a watch begins.</summary>
/// <param name="Subscription">The changes to come; null if the history doesn't reach back to the asked revision.</param>
/// <param name="Initial">Objects that are told as added first.</param>
/// <param name="Revision">The revision of the initial objects.</param>
/// <param name="MarksInitialEnd">A bookmark says where the initial objects end.</param>
/// <param name="Expired">Why there is no subscription.</param>
internal sealed record WatchStart(Subscription? Subscription, IEnumerable<StoredObject> Initial, long Revision, bool MarksInitialEnd = false, ApiException? Expired = null)
{
    public static WatchStart Of(ApiRequest request, ObjectStore store)
    {
        var table = request.Resource.Table;
        var version = request.Query("resourceVersion");
        var initial = request.Query("sendInitialEvents") is { Length: > 0 } ? request.Flag("sendInitialEvents") : (bool?)null;
        CheckMatch(request, initial);
        if (initial is null && version is not ("" or "0"))
        {
            var revision = Revisions.Parse(version);
            return store.Subscribe(table, revision) is { } subscription ? new(subscription, [], revision) : new(null, [], revision, Expired: ApiException.TooOld(revision, store.Revision));
        }

        if (version is not ("" or "0") && Revisions.Parse(version) is var asked && asked > store.Revision) throw ApiException.TooLarge(asked, store.Revision);
        var (snapshot, follows) = store.SubscribeNow(table);
        return new(follows, initial is false ? [] : snapshot.Contents, snapshot.Revision, initial is true && request.Flag("allowWatchBookmarks"));
    }

    private static void CheckMatch(ApiRequest request, bool? initial)
    {
        var match = request.Query("resourceVersionMatch");
        if (initial is not null && match is not "NotOlderThan")
        {
            throw Refused("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (initial is null && match.Length > 0) throw Refused("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    }

    private static ApiException Refused(string field, string message) =>
        ApiException.Invalid("ListOptions", "meta.k8s.io", "", new Cause("FieldValueForbidden", field, $"Forbidden: {message}"));
}
