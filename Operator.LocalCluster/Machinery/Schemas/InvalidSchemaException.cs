namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A schema document that can't be read; the message names the keyword and what it must be.</summary>
internal sealed class InvalidSchemaException(string message) : Exception(message);
