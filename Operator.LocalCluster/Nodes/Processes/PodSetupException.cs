namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A container can't be started yet: something that its pod names is missing or wrong.</summary>
/// <param name="reason">What the container waits with.</param>
/// <param name="eventReason">What the Event about it is called.</param>
/// <param name="message">What is missing.</param>
internal sealed class PodSetupException(string reason, string eventReason, string message) : Exception(message)
{
    public string Reason { get; } = reason;

    public string EventReason { get; } = eventReason;

    public static PodSetupException Configuration(string message) => new("CreateContainerConfigError", "Failed", message);

    public static PodSetupException Mount(string volume, string message) => new("ContainerCreating", "FailedMount", $"volume \"{volume}\": {message}");
}
