namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A selector that can't be read: 400 BadRequest; the message is the real server's.</summary>
internal sealed class SelectorException(string message) : Exception(message);
