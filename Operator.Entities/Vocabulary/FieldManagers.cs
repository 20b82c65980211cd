namespace LlmKube.Operator.Entities;

/// <summary>Who owns fields by server-side apply.</summary>
public static class FieldManagers
{
    /// <summary>This operator.</summary>
    public const string Operator = "llmkube-operator";
}
