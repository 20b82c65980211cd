using System.Net;
using System.Reflection;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Installs what <c>deploy/</c> gives a cluster, but for the operator's Deployment, which the test plays.</summary>
internal static class Installation
{
    /// <summary>The repository.</summary>
    public static readonly string Root = typeof(Installation).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;

    /// <summary>The overlay for a cluster on one machine, from which models may be fetched.</summary>
    public static readonly string OnOneMachine = Path.Combine(Root, "deploy", "overlays", "dev");

    private static readonly string Deploy = Path.Combine(Root, "deploy");

    /// <summary>Definitions and priority classes. On a cluster that outlives the test they may be there already, and the definitions be older ones.</summary>
    public static async Task ApplyAsync(Kubernetes client)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Deploy, "crds"), "inference.*.yaml"))
        {
            var definition = await ReadAsync<V1CustomResourceDefinition>(file);
            var apply = new V1Patch(KubernetesJson.Serialize(definition), V1Patch.PatchType.ApplyPatch);
            await client.ApiextensionsV1.PatchCustomResourceDefinitionAsync(apply, definition.Metadata.Name, fieldManager: "stories", force: true);
            await Eventually.SeeAsync(
                () => client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(definition.Metadata.Name),
                d => d.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true,
                $"{definition.Metadata.Name} is established");
        }

        foreach (var text in (await File.ReadAllTextAsync(Path.Combine(Deploy, "cluster", "priority-classes.yaml"))).Split("\n---\n"))
        {
            var priority = KubernetesYaml.Deserialize<V1PriorityClass>(text);
            await CreateAsync(() => client.SchedulingV1.CreatePriorityClassAsync(priority));
        }
    }

    /// <summary>Where the operator is installed.</summary>
    public const string Namespace = "llmkube-system";

    /// <summary>Who it is there.</summary>
    public const string User = $"system:serviceaccount:{Namespace}:{FieldManagers.Operator}";

    /// <summary>Gives the operator's account its rights: in all namespaces, and to its Lease in its own.</summary>
    public static async Task GrantAsync(Kubernetes client)
    {
        await client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } });
        foreach (var granted in Objects("rbac").Concat(Objects("rbac", "account"))) await CreateAsync(client, granted);
    }

    /// <summary>The right to the Lease that an operator of one namespace has there.</summary>
    public static async Task GrantLeaseAsync(Kubernetes client, string @namespace)
    {
        foreach (var granted in Objects("rbac", "account").OfType<IKubernetesObject<V1ObjectMeta>>().Where(o => o is V1Role or V1RoleBinding))
        {
            granted.Metadata.NamespaceProperty = @namespace;
            await CreateAsync(client, granted);
        }
    }

    /// <summary>Creates what gives rights.</summary>
    public static Task CreateAsync(Kubernetes client, object manifest) => manifest switch
    {
        V1ServiceAccount account => client.CoreV1.CreateNamespacedServiceAccountAsync(account, account.Metadata.NamespaceProperty),
        V1ClusterRole role => client.RbacAuthorizationV1.CreateClusterRoleAsync(role),
        V1ClusterRoleBinding binding => client.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding),
        V1Role role => client.RbacAuthorizationV1.CreateNamespacedRoleAsync(role, role.Metadata.NamespaceProperty),
        V1RoleBinding binding => client.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(binding, binding.Metadata.NamespaceProperty),
        _ => throw new ArgumentException($"{manifest.GetType().Name} gives no rights", nameof(manifest)),
    };

    /// <summary>The objects of a type in a file below <c>deploy/</c>.</summary>
    public static async Task<IReadOnlyList<T>> ReadAllAsync<T>(params IEnumerable<string> path) =>
        [.. (await KubernetesYaml.LoadAllFromFileAsync(Path.Combine([Deploy, .. path]))).OfType<T>()];

    /// <summary>What the files of a folder below <c>deploy/</c> hold, but for what makes them a base.</summary>
    public static IEnumerable<object> Objects(params IEnumerable<string> folder) =>
        Directory.GetFiles(Path.Combine([Deploy, .. folder]), "*.yaml").Where(f => Path.GetFileName(f) != "kustomization.yaml").SelectMany(f => KubernetesYaml.LoadAllFromString(File.ReadAllText(f)));

    private static async Task<T> ReadAsync<T>(string file) => KubernetesYaml.Deserialize<T>(await File.ReadAllTextAsync(file));

    private static async Task CreateAsync<T>(Func<Task<T>> create)
    {
        try
        {
            await create();
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // An earlier story's.
        }
    }
}
