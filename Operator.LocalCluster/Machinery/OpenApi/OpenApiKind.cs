namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A kind as an OpenAPI document shows it.</summary>
/// <param name="Kind">Such as Deployment.</param>
/// <param name="Plural">Such as deployments.</param>
/// <param name="Namespaced">Whether its paths carry a namespace.</param>
/// <param name="Schema">A built-in schema, or one parsed from a CRD.</param>
internal sealed record OpenApiKind(string Kind, string Plural, bool Namespaced, Schema Schema);
