using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace LlmKube.Operator.LocalCluster.Access;

/// <summary>A kubeconfig with one cluster and one user.</summary>
internal static class KubeconfigText
{
    /// <param name="server">The API server.</param>
    /// <param name="authorities">Whom it is trusted by; none: this system's.</param>
    /// <param name="user">What the user is called in the file.</param>
    /// <param name="token">The user's token.</param>
    /// <param name="namespace">Where commands work that name none.</param>
    public static string Of(string server, IEnumerable<X509Certificate2> authorities, string user, string token, string @namespace)
    {
        var certificates = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Join('\n', authorities.Select(c => c.ExportCertificatePem()))));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: llmkube-local
              cluster:
                server: {server}
                certificate-authority-data: "{certificates}"
            users:
            - name: "{user}"
              user:
                token: "{token}"
            contexts:
            - name: llmkube-local
              context:
                cluster: llmkube-local
                user: "{user}"
                namespace: {@namespace}
            current-context: llmkube-local

            """;
    }
}
