using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Tables;

namespace LlmKube.Operator.LocalCluster.ApiServer.Responses;

/// <summary>Writes answers.</summary>
internal static class ResponseWriter
{
    /// <summary>One object of a resource, in the view that the client asked for.</summary>
    public static Task ObjectAsync(ApiRequest request, ResourceDefinition resource, JsonObject json, TimeProvider time, int code = 200)
    {
        Warn(request);
        var shown = ObjectViews.InVersion(resource, json);
        return JsonAsync(request.Http, request.Form.View switch
        {
            ObjectView.Table => TableBuilder.Build(resource, [shown], time, new JsonObject { ["resourceVersion"] = shown.ResourceVersion }, IncludeObject(request)),
            ObjectView.Metadata => ObjectViews.Metadata(shown),
            _ => shown,
        }, code, request.Form.Yaml);
    }

    public static Task StatusAsync(HttpContext http, ApiException refused)
    {
        if (refused.Status.Number("details", "retryAfterSeconds") is { } seconds) http.Response.Headers.RetryAfter = $"{seconds}";
        if (refused.Code == 401) http.Response.Headers.WWWAuthenticate = "Bearer";
        return JsonAsync(http, refused.Status, refused.Code);
    }

    public static Task JsonAsync(HttpContext http, JsonNode json, int code = 200, bool yaml = false) => yaml
        ? BytesAsync(http, Encoding.UTF8.GetBytes(YamlWriter.Write(json)), "application/yaml", code)
        : BytesAsync(http, JsonSerializer.SerializeToUtf8Bytes(json, Wire.Options), ResponseForm.Json, code);

    public static Task TextAsync(HttpContext http, string text, int code = 200) => BytesAsync(http, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", code);

    public static async Task BytesAsync(HttpContext http, ReadOnlyMemory<byte> bytes, string contentType, int code = 200)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    /// <summary>Adds the request's warnings as headers, as kubectl shows them.</summary>
    public static void Warn(ApiRequest request)
    {
        foreach (var warning in request.Warnings.Distinct())
        {
            request.Http.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }

    public static string IncludeObject(ApiRequest request) => request.Query("includeObject") is { Length: > 0 } include ? include : "Metadata";
}
