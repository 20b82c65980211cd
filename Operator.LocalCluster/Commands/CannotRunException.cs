namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>The program can't run as things are; the message is one line for its user.</summary>
internal sealed class CannotRunException(string message, Exception? cause = null) : Exception(message, cause);
