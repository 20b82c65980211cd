using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>One thing wrong with an object, in the real server's words.</summary>
/// <param name="Path">The field, such as <c>spec.ports[0].port</c>; "&lt;nil&gt;" for the object as a whole.</param>
/// <param name="Type">The cause's reason in a Status, such as <c>FieldValueInvalid</c>.</param>
/// <param name="Message">The text behind the path, such as <c>Invalid value: 11: must be ...</c>; the cause's message.</param>
internal sealed record FieldError(string Path, string Type, string Message)
{
    public static FieldError Required(string path, string detail = "") =>
        Make(path, "FieldValueRequired", "Required value", detail);

    public static FieldError Invalid(string path, JsonNode? value, string detail) =>
        Make(path, "FieldValueInvalid", $"Invalid value: {Show(value)}", detail);

    public static FieldError TypeInvalid(string path, JsonNode? value, string detail) =>
        Make(path, "FieldValueTypeInvalid", $"Invalid value: {Show(value)}", detail);

    public static FieldError NotSupported(string path, JsonNode? value, IEnumerable<string> supported) => Make(
        path, "FieldValueNotSupported", $"Unsupported value: {Show(value)}", $"supported values: {string.Join(", ", supported.Select(GoText.Quote))}");

    public static FieldError Duplicate(string path, JsonNode? value) =>
        Make(path, "FieldValueDuplicate", $"Duplicate value: {Show(value)}", "");

    public static FieldError Forbidden(string path, string detail) =>
        Make(path, "FieldValueForbidden", "Forbidden", detail);

    public static FieldError TooLong(string path, long most) =>
        Make(path, "FieldValueTooLong", "Too long", $"may not be more than {most} {(most == 1 ? "byte" : "bytes")}");

    public static FieldError TooMany(string path, long actual, long most) =>
        Make(path, "FieldValueTooMany", $"Too many: {actual}", $"must have at most {most} {(most == 1 ? "item" : "items")}");

    public override string ToString() => $"{Path}: {Message}";

    private static FieldError Make(string path, string type, string head, string detail) =>
        new(path is "" ? "<nil>" : path, type, detail is "" ? head : $"{head}: {detail}");

    private static string Show(JsonNode? value) => value.AsText() is { } text ? GoText.Quote(text) : JsonNodes.Canonical(value);
}
