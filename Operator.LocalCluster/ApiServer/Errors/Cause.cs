using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Errors;

/// <summary>One reason for a refusal.</summary>
/// <param name="Reason">The machine's word, such as FieldValueInvalid.</param>
/// <param name="Field">The path of the field it is about; may be empty.</param>
/// <param name="Message">What is wrong, without the path.</param>
internal sealed record Cause(string Reason, string Field, string Message)
{
    /// <summary>How the refusal's message tells it.</summary>
    public string Text => Field.Length == 0 ? Message : $"{Field}: {Message}";

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["reason"] = Reason, ["message"] = Message };
        if (Field.Length > 0) json["field"] = Field;
        return json;
    }
}
