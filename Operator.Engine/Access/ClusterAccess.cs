using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Access;

/// <summary>
/// Reads how and as whom the API server is reached. A token and authorities that come from files are followed, since who owns such files replaces them in
/// place. The package does so with neither in a kubeconfig, where it does not know <c>tokenFile</c> at all.
/// </summary>
internal sealed class ClusterAccess(TimeProvider time, ILogger<ClusterAccess> logger)
{
    // Where Kubernetes mounts a pod's service account.
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Reads kubectl's kubeconfig if there is one, else the pod's service account.</summary>
    /// <exception cref="KubeConfigException">What is there can't be used.</exception>
    public KubernetesClientConfiguration ReadDefault()
    {
        var variable = Environment.GetEnvironmentVariable("KUBECONFIG");

        // Of several files the package makes one, and of that nobody knows any more which file a path is relative to.
        if (variable?.Contains(Path.PathSeparator, StringComparison.Ordinal) == true) return KubernetesClientConfiguration.BuildDefaultConfig();
        if (variable is { Length: > 0 }) return Read(variable);
        if (File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)) return Read(KubernetesClientConfiguration.KubeConfigDefaultLocation);
        return KubernetesClientConfiguration.IsInCluster()
            ? Follow(KubernetesClientConfiguration.InClusterConfig(), Path.Combine(ServiceAccount, "token"), Path.Combine(ServiceAccount, "ca.crt"))
            : KubernetesClientConfiguration.BuildDefaultConfig();
    }

    /// <summary>Reads a kubeconfig.</summary>
    /// <exception cref="KubeConfigException">It can't be used.</exception>
    public KubernetesClientConfiguration Read(string kubeconfig)
    {
        var file = KubeconfigFile.Read<K8SConfiguration>(kubeconfig);
        file.FileName = Path.GetFullPath(kubeconfig); // The package takes paths in it from there.
        var context = file.Contexts.FirstOrDefault(c => IsCalled(c.Name, file.CurrentContext))?.ContextDetails;
        var user = file.Users.FirstOrDefault(u => IsCalled(u.Name, context?.User))?.UserCredentials;
        var tokenFile = KubeconfigFile.Read<TokenFiles>(kubeconfig).Users?.FirstOrDefault(u => IsCalled(u.Name, context?.User))?.User?.TokenFile;

        // The package refuses a user without credentials that it knows.
        if (tokenFile is { Length: > 0 } && user is not null) user.Token = tokenFile;
        var authorities = file.Clusters.FirstOrDefault(c => IsCalled(c.Name, context?.Cluster))?.ClusterEndpoint is { SkipTlsVerify: false, CertificateAuthorityData: null or "" } cluster
            ? cluster.CertificateAuthority
            : null;
        return Follow(KubernetesClientConfiguration.BuildConfigFromConfigObject(file), PathOf(tokenFile), PathOf(authorities));

        string? PathOf(string? named) => named is { Length: > 0 } ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(kubeconfig))!, named) : null;
    }

    // As the package compares them.
    private static bool IsCalled(string name, string? wanted) => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);

    private KubernetesClientConfiguration Follow(KubernetesClientConfiguration configuration, string? tokenFile, string? authorities)
    {
        if (tokenFile is not null) (configuration.TokenProvider, configuration.AccessToken) = (new TokenFile(tokenFile, time, logger), null);
        if (authorities is not null && configuration.SslCaCerts is not null) configuration.SslCaCerts = new AuthorityFile(authorities, logger);
        return configuration;
    }

    /// <summary>What <see cref="K8SConfiguration"/> lacks.</summary>
    internal sealed class TokenFiles
    {
        public List<NamedUser>? Users { get; init; }

        internal sealed class NamedUser
        {
            public string Name { get; init; } = "";

            public Credentials? User { get; init; }
        }

        internal sealed class Credentials
        {
            public string? TokenFile { get; init; }
        }
    }
}
