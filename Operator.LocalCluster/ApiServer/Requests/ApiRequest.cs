using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Protobuf;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Requests;

/// <summary>One request for a resource: who, what, and how to answer.</summary>
internal sealed class ApiRequest(HttpContext http, RequestInfo info, ResourceDefinition resource, User user, ResponseForm form)
{
    private const int LargestBody = 3 * 1024 * 1024;
    private readonly List<string> _warnings = [];
    private readonly List<string> _duplicates = [];

    public HttpContext Http => http;

    public RequestInfo Info => info;

    public ResourceDefinition Resource => resource;

    public User User => user;

    public ResponseForm Form => form;

    /// <summary>The namespace of the object: empty for cluster-wide kinds, a namespace itself included.</summary>
    public string Namespace => resource.Namespaced ? info.Namespace : "";

    public string Name => info.Name;

    public CancellationToken Aborted => http.RequestAborted;

    public IReadOnlyCollection<string> Duplicates => _duplicates;

    public IReadOnlyList<string> Warnings => _warnings;

    public string Query(string name) => http.Request.Query[name].ToString();

    public bool Flag(string name) => Query(name) is "true" or "1" or "True";

    /// <exception cref="ApiException">422: a value other than All.</exception>
    public bool DryRun
    {
        get
        {
            var values = http.Request.Query["dryRun"];
            if (values.Count == 0) return false;
            if (values.All(v => v is "All")) return true;
            var shown = string.Join(',', values.Select(v => $"\"{v}\""));
            throw ApiException.Invalid(OptionsKind(), "meta.k8s.io", "", new Cause("FieldValueNotSupported", "dryRun", $"Unsupported value: [{shown}]: supported values: \"All\""));
        }
    }

    /// <exception cref="ApiException">400: not a number.</exception>
    public long? Number(string name)
    {
        var text = Query(name);
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    public WriteOptions WriteOptions() => new()
    {
        User = user,
        DryRun = DryRun,
        FieldManager = Query("fieldManager") is { Length: > 0 } named ? named : ManagerOf(http.Request.Headers.UserAgent.ToString()),
        FieldValidation = Query("fieldValidation") switch
        {
            "Strict" => FieldValidation.Strict,
            "Ignore" => FieldValidation.Ignore,
            "" or "Warn" => FieldValidation.Warn,
            var other => throw ApiException.Invalid(
                OptionsKind(), "meta.k8s.io", "", new Cause("FieldValueNotSupported", "fieldValidation", $"Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\"")),
        },
        Warnings = _warnings,
    };

    public async Task<byte[]> ReadBodyAsync()
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int count;
        while ((count = await http.Request.Body.ReadAsync(chunk, Aborted)) > 0)
        {
            await buffer.WriteAsync(chunk.AsMemory(0, count), Aborted);
            if (buffer.Length > LargestBody) throw ApiException.TooLargeBody(LargestBody);
        }

        return buffer.ToArray();
    }

    /// <summary>The body as JSON, whether it was sent as JSON or YAML; null if it is empty.</summary>
    public async Task<JsonNode?> ReadObjectAsync()
    {
        var bytes = await ReadBodyAsync();
        if (bytes.Length == 0) return null;
        return MediaType() switch
        {
            "" or "application/json" => ObjectReader.Parse(bytes, _duplicates),
            ProtobufDecoder.MediaType => ProtobufDecoder.Decode(bytes),
            "application/yaml" => YamlReader.Parse(Encoding.UTF8.GetString(bytes)),
            _ => throw ApiException.UnsupportedMediaType(["application/json", "application/yaml"]),
        };
    }

    /// <summary>The body's media type without parameters.</summary>
    public string MediaType() => http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";

    private string OptionsKind() => info.Verb switch
    {
        "create" => "CreateOptions",
        "update" => "UpdateOptions",
        "delete" or "deletecollection" => "DeleteOptions",
        _ => "PatchOptions",
    };

    private static string ManagerOf(string userAgent)
    {
        var name = userAgent.Split('/')[0];
        return name.Length == 0 ? "unknown" : name.Length > 128 ? name[..128] : name;
    }
}
