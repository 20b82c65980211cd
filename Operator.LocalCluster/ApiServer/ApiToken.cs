namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>A bearer token and the user it stands for.</summary>
/// <param name="Token">The secret.</param>
/// <param name="User">The user's name, such as <c>system:serviceaccount:llmkube-system:operator</c>.</param>
/// <param name="Groups">The user's groups; <c>system:masters</c> may do everything. <c>system:authenticated</c> is added to all.</param>
public sealed record ApiToken(string Token, string User, params IReadOnlyList<string> Groups)
{
    /// <summary>Hides the secret.</summary>
    public override string ToString() => $"{User} ({string.Join(", ", Groups)})";
}
