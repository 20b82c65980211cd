using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The structural rules of a CustomResourceDefinition, beyond its shape.</summary>
internal static class CrdValidator
{
    public static IReadOnlyList<FieldError> Validate(JsonObject crd) =>
        crd.At("spec", "group").AsText() is null ? [FieldError.Required("spec.group")] : [];
}
