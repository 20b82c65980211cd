namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>Who sends a request.</summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups, string Uid = "")
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";
    public const string ServiceAccount = "system:serviceaccount:";
    public const string Unauthenticated = "system:unauthenticated";

    public static User Anonymous { get; } = new("system:anonymous", [Unauthenticated]);
}
