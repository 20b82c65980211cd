namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>An option's value turned out to be of no use.</summary>
internal sealed class OptionException(string option, Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>The flag, such as <c>--kubeconfig</c>.</summary>
    public string Option { get; } = option;
}
