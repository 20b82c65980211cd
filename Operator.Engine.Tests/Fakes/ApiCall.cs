using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>One request that the fake has seen.</summary>
internal sealed record ApiCall(string Method, string Path, IQueryCollection Query, string ContentType, JsonNode? Body)
{
    public bool IsWatch => Query["watch"] == "true";

    public bool IsList => Method == "GET" && !IsWatch && Target.Name is null;

    public bool IsWrite => Method is not "GET";

    public (string Resource, string? Namespace, string? Name, string? Subresource) Target
    {
        get
        {
            var parts = Path.Trim('/').Split('/');
            var at = parts[0] == "api" ? 2 : 3;
            string? ns = null;
            if (parts.Length > at + 2 && parts[at] == "namespaces") (ns, at) = (parts[at + 1], at + 2);
            return (parts[at], ns, parts.ElementAtOrDefault(at + 1), parts.ElementAtOrDefault(at + 2));
        }
    }

    public override string ToString() => $"{Method} {Path} {Query["resourceVersion"]}{(IsWatch ? " (watch)" : "")}";
}
