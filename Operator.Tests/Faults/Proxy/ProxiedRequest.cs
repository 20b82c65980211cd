using Microsoft.AspNetCore.Http;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>A request on its way through the proxy.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection.</param>
/// <param name="Resource">The plural, such as <c>deployments</c>; empty for paths that are no resource.</param>
/// <param name="Subresource">Such as <c>status</c>; empty for the resource itself.</param>
/// <param name="Namespace">Empty for cluster-wide requests.</param>
/// <param name="Name">Empty for lists, watches and creations.</param>
/// <param name="Path">The path with its query.</param>
/// <param name="Method">The HTTP method.</param>
internal sealed record ProxiedRequest(string Verb, string Resource, string Subresource, string Namespace, string Name, string Path, string Method)
{
    public static ProxiedRequest Of(HttpRequest request)
    {
        var info = RequestInfo.Of(request.Method, request.Path, request.Query["watch"] == "true");
        return new(info.Verb, info.Resource, info.Subresource, info.Namespace, info.Name, request.Path + request.QueryString, request.Method);
    }

    /// <summary>It asks for a change, whatever becomes of that.</summary>
    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete" or "deletecollection";

    /// <summary>A write of an object that people see: not of the Lease, which is renewed for ever, nor of an Event.</summary>
    public bool IsObjectWrite => IsWrite && Resource is not ("leases" or "events");

    public override string ToString() => $"{Verb} {Path}";
}
