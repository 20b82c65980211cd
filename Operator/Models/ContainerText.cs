namespace LlmKube.Operator.Models;

/// <summary>Texts of users in the arguments and variables of containers, where Kubernetes puts a variable's value in the place of <c>$(NAME)</c>.</summary>
internal static class ContainerText
{
    /// <summary>The text that a container gets as it was given: Kubernetes makes one dollar of two, wherever they are.</summary>
    public static string Literal(string text) => text.Replace("$", "$$", StringComparison.Ordinal);
}
