using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.Tests.Faults.Proxy;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>A kubeconfig that leads to a proxy and names a file with the token and one with the authority; both are replaced as a kubelet does it, whole.</summary>
internal sealed class CredentialFiles
{
    private readonly string _folder;

    public CredentialFiles(FaultProxy proxy, string folder)
    {
        _folder = folder;
        WriteToken(proxy.Token);
        WriteAuthority(proxy.Authority.Root);
        Replace("kubeconfig-of-files", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["current-context"] = "story",
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "story", ["context"] = new JsonObject { ["cluster"] = "proxy", ["user"] = "operator" } }),
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "proxy", ["cluster"] = new JsonObject { ["server"] = $"{proxy.Address}", ["certificate-authority"] = "ca.crt" } }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "operator", ["user"] = new JsonObject { ["tokenFile"] = "token" } }),
        }.ToJsonString());
    }

    public string Kubeconfig => Path.Combine(_folder, "kubeconfig-of-files");

    public void WriteToken(string token) => Replace("token", token);

    public void WriteAuthority(X509Certificate2 authority) => Replace("ca.crt", authority.ExportCertificatePem());

    private void Replace(string name, string text)
    {
        var written = Path.Combine(_folder, $"{name}.new");
        PrivateFile.Write(written, Encoding.UTF8.GetBytes(text));
        File.Move(written, Path.Combine(_folder, name), overwrite: true);
    }
}
