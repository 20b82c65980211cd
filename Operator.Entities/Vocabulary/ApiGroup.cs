namespace LlmKube.Operator.Entities;

/// <summary>The API group of both kinds.</summary>
public static class ApiGroup
{
    /// <summary>The group's name, which is also the prefix of its labels, annotations and finalizers.</summary>
    public const string Name = "inference.llmkube.dev";

    /// <summary>The only version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>What manifests write as <c>apiVersion</c>.</summary>
    public const string NameAndVersion = Name + "/" + Version;
}
