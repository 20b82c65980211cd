using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Access;

/// <summary>Whoever has Kubernetes' own view, edit or admin in a namespace has the same of our kinds, by the labels of our roles alone.</summary>
public sealed class UserRolesTests
{
    private const string Team = "team";
    private static readonly string[] s_roles = ["view", "edit", "admin"];

    private static readonly string[] s_all =
    [
        "get", "list", "get status", "get scale", "create", "patch", "update", "patch scale", "delete", "delete all", "list elsewhere", "create elsewhere", "update status",
    ];

    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["view"] = s_all[..4],
        ["edit"] = s_all[..9],
        ["admin"] = s_all[..10],
    };

    private ApiServerHost _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await ApiServerHost.StartAsync(new() { Tokens = [.. s_roles.Select(r => new ApiToken(r, r))] });
        using var admin = new Kubernetes(_server.ClientConfiguration());
        await Installation.ApplyAsync(admin);
        foreach (var manifest in Installation.Objects("rbac", "users")) await Installation.CreateAsync(admin, manifest);
        await admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Team } });
        foreach (var role in s_roles)
        {
            await Installation.CreateAsync(admin, new V1RoleBinding
            {
                Metadata = new V1ObjectMeta { Name = role, NamespaceProperty = Team },
                RoleRef = new V1RoleRef { ApiGroup = V1ClusterRole.KubeGroup, Kind = V1ClusterRole.KubeKind, Name = role },
                Subjects = [new Rbacv1Subject { ApiGroup = V1ClusterRole.KubeGroup, Kind = "User", Name = role }],
            });
        }
    }

    [OneTimeTearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [TestCaseSource(nameof(s_roles))]
    public async Task It_may(string role)
    {
        using var client = new Kubernetes(_server.ClientConfiguration(role));
        var may = new Dictionary<string, List<string>>();
        foreach (var plural in new[] { Model.KubePluralName, InferenceService.KubePluralName })
        {
            may[plural] = [];
            foreach (var what in s_all)
            {
                if (await IsAllowedAsync(client.CustomObjects, plural, what)) may[plural].Add(what);
            }
        }

        // There is no scale of a Model.
        Assert.That(may[InferenceService.KubePluralName], Is.EqualTo(s_allowed[role]));
        Assert.That(may[Model.KubePluralName], Is.EqualTo(s_allowed[role].Where(w => !w.EndsWith(" scale", StringComparison.Ordinal))));
    }

    // Nothing of that name is there, and what is created is refused for its content: what counts is whether one may ask.
    private static async Task<bool> IsAllowedAsync(ICustomObjectsOperations objects, string plural, string what)
    {
        const string Group = ApiGroup.Name, Version = ApiGroup.Version, Other = "default", Name = "none";
        var (body, patch) = (new { }, StoryCluster.Merge(new { spec = new { replicas = 1 } }));
        Task asked = what switch
        {
            "get" => objects.GetNamespacedCustomObjectAsync(Group, Version, Team, plural, Name),
            "list" => objects.ListNamespacedCustomObjectAsync(Group, Version, Team, plural),
            "get status" => objects.GetNamespacedCustomObjectStatusAsync(Group, Version, Team, plural, Name),
            "get scale" => objects.GetNamespacedCustomObjectScaleAsync(Group, Version, Team, plural, Name),
            "create" => objects.CreateNamespacedCustomObjectAsync(body, Group, Version, Team, plural),
            "patch" => objects.PatchNamespacedCustomObjectAsync(patch, Group, Version, Team, plural, Name),
            "update" => objects.ReplaceNamespacedCustomObjectAsync(body, Group, Version, Team, plural, Name),
            "patch scale" => objects.PatchNamespacedCustomObjectScaleAsync(patch, Group, Version, Team, plural, Name),
            "delete" => objects.DeleteNamespacedCustomObjectAsync(Group, Version, Team, plural, Name),
            "delete all" => objects.DeleteCollectionNamespacedCustomObjectAsync(Group, Version, Team, plural),
            "list elsewhere" => objects.ListNamespacedCustomObjectAsync(Group, Version, Other, plural),
            "create elsewhere" => objects.CreateNamespacedCustomObjectAsync(body, Group, Version, Other, plural),
            "update status" => objects.ReplaceNamespacedCustomObjectStatusAsync(body, Group, Version, Team, plural, Name),
            _ => throw new ArgumentException(what, nameof(what)),
        };
        try
        {
            await asked;
            return true;
        }
        catch (HttpOperationException e)
        {
            return e.Response.StatusCode != HttpStatusCode.Forbidden;
        }
    }
}
