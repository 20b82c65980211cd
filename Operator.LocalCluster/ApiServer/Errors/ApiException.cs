using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Errors;

/// <summary>A request that is refused: carries the Status object that says so, in a real API server's words.</summary>
internal sealed class ApiException : Exception
{
    private ApiException(int code, string reason, string message, JsonObject? details = null)
        : base(message)
    {
        Code = code;
        Status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["details"] = details,
            ["code"] = code,
        };
        if (details is null) Status.Remove("details");
        if (reason.Length == 0) Status.Remove("reason");
    }

    public int Code { get; }

    public JsonObject Status { get; }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>A refusal to which the real server gives no reason; its code is 500.</summary>
    public static ApiException Unexplained(string message) => new(500, "", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException NotFound(GroupResource resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found", Details(resource, name));

    public static ApiException AlreadyExists(GroupResource resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists", Details(resource, name));

    public static ApiException Conflict(GroupResource resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}", Details(resource, name));

    public static ApiException Modified(GroupResource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Forbidden(GroupResource resource, string name, string why, params IEnumerable<Cause> causes) =>
        new(403, "Forbidden", $"{resource}{(name.Length == 0 ? "" : $" \"{name}\"")} is forbidden: {why}", Details(resource, name, causes));

    /// <summary>Forbidden for a path that is no resource.</summary>
    public static ApiException Forbidden(string why) => new(403, "Forbidden", $"forbidden: {why}", []);

    public static ApiException Invalid(string kind, string group, string name, params IReadOnlyList<Cause> causes)
    {
        var texts = causes.Select(c => c.Text).Distinct().ToList();
        var all = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new(422, "Invalid", $"{qualified} \"{name}\" is invalid: {all}", Details(new(group, kind), name, causes));
    }

    /// <summary>A patch that can't be applied to what is there.</summary>
    public static ApiException Unprocessable(string message) => new(422, "Invalid", message, []);

    /// <summary>Server-side apply met fields that others own.</summary>
    public static ApiException ApplyConflict(string message, IEnumerable<Cause> causes) =>
        new(409, "Conflict", message, new JsonObject { ["causes"] = CauseList(causes) });

    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>A watch whose start is no longer in the history; sent as an event.</summary>
    public static ApiException TooOld(long revision, long oldest) => Expired(string.Create(CultureInfo.InvariantCulture, $"too old resource version: {revision} ({oldest})"));

    /// <summary>A revision that the server has not reached.</summary>
    public static ApiException TooLarge(long revision, long current) => new(504, "Timeout", $"Too large resource version: {revision}, current: {current}", new JsonObject
    {
        ["causes"] = CauseList([new("ResourceVersionTooLarge", "", "Too large resource version")]),
        ["retryAfterSeconds"] = 1,
    });

    public static ApiException MethodNotAllowed(GroupResource resource, string verb) =>
        new(405, "MethodNotAllowed", $"{verb} is not supported on resources of kind \"{resource}\"", Details(resource, ""));

    /// <summary>A method that a path doesn't know.</summary>
    public static ApiException MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiException NotAcceptable(string message) => new(406, "NotAcceptable", message);

    public static ApiException UnsupportedMediaType(IEnumerable<string> known) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", known)}");

    public static ApiException TooManyRequests(string message, int retryAfterSeconds, params IEnumerable<Cause> causes) =>
        new(429, "TooManyRequests", message, new JsonObject { ["causes"] = CauseList(causes), ["retryAfterSeconds"] = retryAfterSeconds });

    public static ApiException TooLargeBody(int limit) => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiException Internal(string message) => new(500, "InternalError", $"Internal error occurred: {message}");

    private static JsonObject Details(GroupResource resource, string name, params IEnumerable<Cause> causes)
    {
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (resource.Group.Length > 0) details["group"] = resource.Group;
        details["kind"] = resource.Resource;
        var list = CauseList(causes);
        if (list.Count > 0) details["causes"] = list;
        return details;
    }

    private static JsonArray CauseList(IEnumerable<Cause> causes) => new([.. causes.Select(c => c.ToJson())]);
}
