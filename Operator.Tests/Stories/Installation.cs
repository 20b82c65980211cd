using System.Net;
using System.Reflection;
using k8s;
using k8s.Autorest;
using k8s.Models;

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

    /// <summary>The name of the operator's role, and of what binds it.</summary>
    public const string RoleName = "llmkube-operator";

    /// <summary>The operator's own role, bound to a user.</summary>
    public static async Task GrantAsync(Kubernetes client, string user)
    {
        var role = await ReadAsync<V1ClusterRole>(Path.Combine(Deploy, "rbac", "role.yaml"));
        var binding = await ReadAsync<V1ClusterRoleBinding>(Path.Combine(Deploy, "rbac", "role-binding.yaml"));
        binding.Subjects = [new Rbacv1Subject { ApiGroup = "rbac.authorization.k8s.io", Kind = "User", Name = user }];
        await client.RbacAuthorizationV1.CreateClusterRoleAsync(role);
        await client.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding);
    }

    /// <summary>The objects of a type in a file below <c>deploy/</c>.</summary>
    public static async Task<IReadOnlyList<T>> ReadAllAsync<T>(params IEnumerable<string> path) =>
        [.. (await KubernetesYaml.LoadAllFromFileAsync(Path.Combine([Deploy, .. path]))).OfType<T>()];

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
