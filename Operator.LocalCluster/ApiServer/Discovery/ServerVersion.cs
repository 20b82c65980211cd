using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Discovery;

/// <summary>The Kubernetes version whose API this server follows. The git version says that it is none.</summary>
internal static class ServerVersion
{
    public const string Git = "v1.34.0+llmkube-local";

    public static JsonObject Json() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = Git,
        ["gitCommit"] = "",
        ["gitTreeState"] = "",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "dotnet",
    };
}
