namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The demo can't go on; the message is one line for its user.</summary>
internal sealed class DemoException(string message) : Exception(message);
