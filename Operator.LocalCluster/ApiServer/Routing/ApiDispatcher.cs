using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Deletion;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Subresources;
using LlmKube.Operator.LocalCluster.ApiServer.Verbs;
using LlmKube.Operator.LocalCluster.ApiServer.Watching;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Routing;

/// <summary>Takes each request from its token to its handler, and turns refusals into Status answers.</summary>
internal sealed partial class ApiDispatcher(ClusterState cluster, WatchSettings watches, RequestLog log, ILogger logger)
{
    private readonly GetHandler _get = new(cluster.Context);
    private readonly ListHandler _list = new(cluster.Store, cluster.Context.Time);
    private readonly WatchHandler _watch = new(cluster.Store, watches);
    private readonly CreateHandler _create = new(cluster.Writer, cluster.Context);
    private readonly UpdateHandler _update = new(cluster.Writer, cluster.Context);
    private readonly PatchHandler _patch = new(cluster.Writer, cluster.Context, cluster.Authorizer);
    private readonly DeleteHandler _delete = new(cluster.Deleter, cluster.Context);
    private readonly ScaleHandler _scale = new(cluster.Writer, cluster.Context);
    private readonly BindingHandler _binding = new(cluster.Writer, cluster.Context);
    private readonly EvictionHandler _eviction = new(cluster.Writer, cluster.Deleter, cluster.Context);
    private readonly TokenRequestHandler _token = new(cluster.AccountTokens, cluster.Context);
    private readonly StaticPaths _paths = new(cluster);

    /// <param name="dropped">Ends the streams that are open: watches and followed logs.</param>
    public async Task HandleAsync(HttpContext http, CancellationToken dropped)
    {
        var info = RequestInfo.Of(http.Request.Method, http.Request.Path.Value ?? "/", http.Request.Query["watch"].ToString() is "true" or "1");
        var user = User.Anonymous;
        // A watch is worth a line when it begins; its end may be far away.
        if (info.Verb is "watch")
        {
            http.Response.OnStarting(() =>
            {
                Log(http, info, user);
                return Task.CompletedTask;
            });
        }

        try
        {
            user = cluster.Authenticator.Authenticate(http.Request.Headers.Authorization);
            cluster.Authorizer.Demand(user, info);
            await RouteAsync(http, info, user, dropped);
        }
        catch (ApiException e) when (!http.Response.HasStarted)
        {
            await ResponseWriter.StatusAsync(http, e);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody waits for an answer.
        }
#pragma warning disable CA1031 // A fault in one request must not end the server; it is answered and logged here.
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Failed(logger, http.Request.Method, info.Path, e);
            await ResponseWriter.StatusAsync(http, ApiException.Internal(e.Message));
        }
#pragma warning restore CA1031
        finally
        {
            if (info.Verb is not "watch") Log(http, info, user);
        }
    }

    private Task RouteAsync(HttpContext http, RequestInfo info, User user, CancellationToken dropped)
    {
        if (!info.IsResource) return _paths.HandleAsync(http, info);
        if (cluster.Registry.Find(info.Group, info.Version, info.Resource) is not { } resource) return StaticPaths.NotFoundAsync(http);
        if (resource.Namespaced && info.Namespace.Length == 0 && info.Verb is not ("list" or "watch")) return StaticPaths.NotFoundAsync(http);
        if (!resource.Namespaced && info.Namespace.Length > 0 && resource is not { Group: "", Plural: "namespaces" }) return StaticPaths.NotFoundAsync(http);
        var form = info.Subresource is "log" ? ResponseForm.Plain : ResponseForm.Of(http.Request.Headers.Accept.ToString());
        var request = new ApiRequest(http, info, resource, user, form);
        if (resource.IsReview) return info.Verb is "create" ? cluster.Reviews.HandleAsync(request) : throw ApiException.MethodNotAllowed();
        return info.Subresource.Length == 0 ? MainAsync(request, dropped) : SubresourceAsync(request, dropped);
    }

    private Task MainAsync(ApiRequest request, CancellationToken dropped) => request.Info.Verb switch
    {
        "get" => _get.HandleAsync(request),
        "list" => _list.HandleAsync(request),
        "watch" => _watch.HandleAsync(request, dropped),
        "create" when request.Name.Length == 0 => _create.HandleAsync(request),
        "update" => _update.HandleAsync(request, WriteScope.Main),
        "patch" => _patch.HandleAsync(request, WriteScope.Main),
        "delete" => _delete.HandleAsync(request),
        "deletecollection" => _delete.HandleCollectionAsync(request),
        _ => throw ApiException.MethodNotAllowed(),
    };

    private Task SubresourceAsync(ApiRequest request, CancellationToken dropped) => (request.Resource, request.Info.Subresource, request.Info.Verb) switch
    {
        ({ HasStatus: true }, "status", "get") => _get.HandleAsync(request),
        ({ HasStatus: true }, "status", "update") => _update.HandleAsync(request, WriteScope.Status),
        ({ HasStatus: true }, "status", "patch") => _patch.HandleAsync(request, WriteScope.Status),
        ({ Scale: not null }, "scale", "get" or "update" or "patch") => _scale.HandleAsync(request),
        ({ Group: "", Plural: "namespaces" }, "finalize", "update") => _update.HandleAsync(request, WriteScope.Finalize),
        ({ Group: "", Plural: "pods" }, "log", _) => cluster.Logs.HandleAsync(request, dropped),
        ({ Group: "", Plural: "pods" }, "binding", "create") => _binding.HandleAsync(request),
        ({ Group: "", Plural: "pods" }, "eviction", "create") => _eviction.HandleAsync(request),
        ({ Group: "", Plural: "serviceaccounts" }, "token", "create") => _token.HandleAsync(request),
        _ => StaticPaths.NotFoundAsync(request.Http),
    };

    private void Log(HttpContext http, RequestInfo info, User user)
    {
        log.Add(new(
            user.Name, info.Verb, info.Group, info.Resource, info.Subresource, info.Namespace, info.Name, http.Response.StatusCode,
            http.Request.Query["dryRun"].Count > 0, $"{http.Request.Path}{http.Request.QueryString}", http.Request.Method));
    }

    [LoggerMessage(2101, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger logger, string method, string path, Exception cause);
}
