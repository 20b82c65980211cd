namespace LlmKube.Operator.LocalCluster.ApiServer.Hosting;

/// <summary>A kubeconfig for one user of this server.</summary>
internal static class KubeconfigText
{
    public static string Of(Uri address, string certificateAuthority, string user, string token) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: llmkube-local
          cluster:
            server: {address.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {certificateAuthority}
        users:
        - name: "{user}"
          user:
            token: "{token}"
        contexts:
        - name: llmkube-local
          context:
            cluster: llmkube-local
            user: "{user}"
            namespace: default
        current-context: llmkube-local

        """;
}
