using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tests.Plugin;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Access;

/// <summary>Whoever has Kubernetes' own view, edit or admin in a namespace has the same of our kinds, by the labels of our roles alone.</summary>
public sealed class UserRolesTests
{
    private const string Team = A.Namespace;
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

    // Other namespaces, nodes and the operator's Lease are hidden from him.
    [Test]
    public async Task Who_may_view_is_told_why()
    {
        using var admin = new Kubernetes(_server.ClientConfiguration());
        var (waiting, upgrading) = (A.Service("waiting"), A.Service("upgrading"));
        waiting.Status = new()
        {
            Phase = InferenceServicePhases.Ready,
            ObservedGeneration = 1,
            ReadyReplicas = 1,
            DesiredReplicas = 1,
            Endpoint = "http://waiting/",
            Conditions = [Pending(Reasons.WaitingForTurn, "Other pods are asked for")],
        };
        upgrading.Status = new() { Phase = InferenceServicePhases.Progressing, ObservedGeneration = 1, Conditions = [Pending(Reasons.Upgrading, "Its pods are being replaced")] };
        foreach (var service in new[] { waiting, upgrading }) await CreateAsync(admin.CustomObjects, service);
        var kubeconfig = Path.GetTempFileName();
        _server.WriteKubeconfig(kubeconfig, "view");
        string[] asViewer = ["-n", Team, "--kubeconfig", kubeconfig];

        var why = await Answer.ToAsync(["why", "waiting", .. asViewer]);
        var queue = await Answer.ToAsync(["queue", .. asViewer]);
        var everywhere = await Answer.ToAsync(["queue", "-A", .. asViewer]);

        File.Delete(kubeconfig);
        Assert.That((why.Code, why.Error), Is.EqualTo((0, "")));
        Assert.That(why.Output, Does.Contain("WaitingForTurn").And.Contain("It is the turn of team/upgrading."));
        Assert.That((queue.Code, queue.Output), Is.EqualTo((0, "No service waits for GPUs, and none holds any.\n")));
        Assert.That((everywhere.Code, everywhere.Error), Is.EqualTo((2, everywhere.Error)));
        Assert.That(everywhere.Error, Does.StartWith("error: you lack a right: "));
    }

    // Events of the other pod would end what is told of the first.
    [Test]
    public async Task Of_two_pods_the_one_is_judged_that_has_tried_to_begin_for_the_longest()
    {
        using var admin = new Kubernetes(_server.ClientConfiguration());
        var service = A.Service("stuck");
        service.Status = new() { Phase = InferenceServicePhases.Creating, ObservedGeneration = 1 };
        await CreateAsync(admin.CustomObjects, service);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await BeginAsync(admin.CoreV1, "stuck-1", now.AddMinutes(-10), "FailedMount", "MountVolume.SetUp failed for volume \"v\": no such share");
        await BeginAsync(admin.CoreV1, "stuck-2", now.AddMinutes(-5), "Pulling", "Pulling image \"image:1\"");
        var kubeconfig = Path.GetTempFileName();
        _server.WriteKubeconfig(kubeconfig, "view");

        var why = await Answer.ToAsync("why", "stuck", "-n", Team, "--kubeconfig", kubeconfig);

        File.Delete(kubeconfig);
        Assert.That((why.Code, why.Error), Is.EqualTo((1, "")));
        Assert.That(why.Output, Does.StartWith("InferenceService stuck has a pod that does not come up: CacheVolumeUnbindable.").And.Contain("no such share"));
    }

    private static async Task BeginAsync(ICoreV1Operations core, string name, DateTime at, string reason, string message)
    {
        var made = A.Pod(name, "stuck");
        made.Metadata.Uid = null;
        var pod = await core.CreateNamespacedPodAsync(made, Team);
        pod.Status = new() { Phase = "Pending", Conditions = [new() { Type = "PodScheduled", Status = "True", LastTransitionTime = at }] };
        await core.ReplaceNamespacedPodStatusAsync(pod, name, Team);
        await core.CreateNamespacedEventAsync(
            new Corev1Event
            {
                Metadata = new() { Name = name, NamespaceProperty = Team },
                InvolvedObject = new() { Kind = V1Pod.KubeKind, Name = name, NamespaceProperty = Team, Uid = pod.Metadata.Uid },
                Reason = reason,
                Message = message,
                Type = "Warning",
                FirstTimestamp = at,
                LastTimestamp = at,
            },
            Team);
    }

    private static async Task CreateAsync(ICustomObjectsOperations objects, InferenceService service)
    {
        const string Group = ApiGroup.Name, Version = ApiGroup.Version, Plural = InferenceService.KubePluralName;
        service.Metadata = new V1ObjectMeta { Name = service.Metadata.Name, NamespaceProperty = Team };
        (service.ApiVersion, service.Kind) = (ApiGroup.NameAndVersion, InferenceService.KubeKind);
        await objects.CreateNamespacedCustomObjectAsync(service, Group, Version, Team, Plural);
        if (service.Status is { } status) await objects.PatchNamespacedCustomObjectStatusAsync(StoryCluster.Merge(new { status }), Group, Version, Team, Plural, service.Metadata.Name);
    }

    // As the operator does it.
    private static V1Condition Pending(string reason, string message) =>
        new() { Type = ConditionTypes.UpgradePending, Status = "True", Reason = reason, Message = message, LastTransitionTime = A.Earlier };

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
