using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Tests.Fakes;
using LlmKube.Operator.LocalCluster.ApiServer;
using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Engine.Tests.Clusters;

/// <summary>
/// The engine on API servers that check what they are sent: our own, and the one that the environment variable
/// <c>LLMKUBE_TEST_KUBECONFIG</c> names, if it does.
/// </summary>
[TestFixture("local")]
[TestFixture("other")]
public class ClusterTests(string which)
{
    private string _namespace = "";
    private ApiServerHost? _local;
    private KubernetesClientConfiguration _configuration = null!;
    private KubeOps.KubernetesClient.KubernetesClient _admin = null!;

    private IKubernetesClient Admin => _admin;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (which == "local")
        {
            _local = await ApiServerHost.StartAsync(new ApiServerOptions());
            _configuration = _local.ClientConfiguration();
        }
        else if (Environment.GetEnvironmentVariable("LLMKUBE_TEST_KUBECONFIG") is { Length: > 0 } kubeconfig)
        {
            _configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        }
        else
        {
            Assert.Ignore("LLMKUBE_TEST_KUBECONFIG names no cluster.");
        }

        _admin = new(_configuration);
        if (await Admin.GetAsync<V1CustomResourceDefinition>(WidgetCrd().Metadata.Name) is null) await Admin.CreateAsync(WidgetCrd());
        await Eventually.IsTrueAsync(async () =>
            (await Admin.GetAsync<V1CustomResourceDefinition>(WidgetCrd().Metadata.Name))!.Status?.Conditions?
                .Any(condition => condition is { Type: "Established", Status: "True" }) is true);
        await Eventually.IsTrueAsync(IsServedAsync, "The new kind");
    }

    [SetUp]
    public async Task CreateNamespaceAsync()
    {
        _namespace = $"engine-{Guid.NewGuid():N}"[..20];
        await Admin.CreateAsync(new V1Namespace { Metadata = new() { Name = _namespace } });
    }

    [TearDown]
    public async Task DeleteNamespaceAsync()
    {
        var free = new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch);
        foreach (var widget in await Admin.ListAsync<Widget>(_namespace, (string?)null)) await Admin.PatchAsync(widget, free);
        await Admin.DeleteAsync<V1Namespace>(_namespace);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _admin?.Dispose();
        if (_local is not null) await _local.DisposeAsync();
    }

    [Test]
    public async Task An_object_lives_and_dies_with_finalizers_status_and_an_event()
    {
        await using var test = await StartOperatorAsync();
        test.Script.OnReconcile = async (widget, cancellationToken) =>
        {
            if (widget.Status?.Seen == widget.Spec.Size) return ReconciliationResult<Widget>.Success(widget);
            widget.Status = new() { Seen = widget.Spec.Size };
            var written = await test.Client.UpdateStatusAsync(widget, cancellationToken);
            await test.Services.GetRequiredService<EventPublisher>()(written, "Seen", $"size {widget.Spec.Size}", cancellationToken: cancellationToken);
            return ReconciliationResult<Widget>.Success(written);
        };
        await Admin.CreateAsync(Make("life", 3));
        await Eventually.IsTrueAsync(async () => (await ReadAsync("life"))?.Status?.Seen == 3);
        await Admin.PatchAsync<Widget>(new V1Patch("""{"spec":{"size":4}}""", V1Patch.PatchType.MergePatch), "life", _namespace);
        await Eventually.IsTrueAsync(async () => (await ReadAsync("life"))?.Status?.Seen == 4);
        Assert.That((await ReadAsync("life"))!.Metadata.Finalizers, Is.EqualTo(new[] { FirstFinalizer.Id, SecondFinalizer.Id }));
        string[] told = [];
        await Eventually.IsTrueAsync(
            async () =>
            {
                told = [.. (await Admin.ListAsync<Corev1Event>(_namespace, (string?)null)).Select(news => news.Message).Order()];
                return told.Length >= 2;
            },
            "The news");
        Assert.That(told, Is.EqualTo(new[] { "size 3", "size 4" }));

        await Admin.DeleteAsync<Widget>("life", _namespace);
        await Eventually.IsTrueAsync(async () => await ReadAsync("life") is null);
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 1);
        Assert.That(test.Script.Finalized.Select(finalized => finalized.Finalizer), Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task A_second_writer_and_we_both_have_our_say()
    {
        await using var test = await StartOperatorAsync();
        test.Script.OnReconcile = async (widget, cancellationToken) =>
        {
            if (widget.Status?.Seen == widget.Spec.Size) return ReconciliationResult<Widget>.Success(widget);
            widget.Status = new() { Seen = widget.Spec.Size };
            return ReconciliationResult<Widget>.Success(await test.Client.UpdateStatusAsync(widget, cancellationToken));
        };
        await Admin.CreateAsync(Make("storm", 0));
        for (var i = 1; i <= 50; i++)
        {
            var patch = new V1Patch($$$"""{"metadata":{"annotations":{"writer/{{{i}}}":"was here"}},"spec":{"size":{{{i}}}}}""", V1Patch.PatchType.MergePatch);
            await Admin.PatchAsync<Widget>(patch, "storm", _namespace);
        }

        await Eventually.IsTrueAsync(async () => (await ReadAsync("storm"))?.Status?.Seen == 50);
        Assert.That((await ReadAsync("storm"))!.Metadata.Annotations, Has.Count.EqualTo(50));
    }

    [Test]
    public async Task The_lease_is_accepted_renewed_and_handed_over()
    {
        var first = await StartOperatorAsync(Elected);
        await Eventually.IsTrueAsync(() => first.Services.GetRequiredService<Leadership>().IsLeader);
        await using var second = await StartOperatorAsync(Elected);
        var acquired = (await Admin.GetAsync<V1Lease>("test-operator-leader", _namespace))!;
        await Eventually.IsTrueAsync(async () =>
            (await Admin.GetAsync<V1Lease>("test-operator-leader", _namespace))!.Spec.RenewTime > acquired.Spec.RenewTime);
        Assert.That(second.Services.GetRequiredService<Leadership>().IsLeader, Is.False);
        await first.DisposeAsync();
        await Eventually.IsTrueAsync(() => second.Services.GetRequiredService<Leadership>().IsLeader);
        var handed = (await Admin.GetAsync<V1Lease>("test-operator-leader", _namespace))!;
        Assert.That(handed.Spec.HolderIdentity, Is.Not.EqualTo(acquired.Spec.HolderIdentity));
    }

    [Test]
    public async Task Pages_are_read_to_the_end_and_selectors_are_understood()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 505), async (i, cancellationToken) => await Admin.CreateAsync(Make($"page-{i}", 1, "pages"), cancellationToken));
        Assert.That(await Admin.ListAsync<Widget>(_namespace, "set=pages"), Has.Count.EqualTo(505));
        Assert.That(await Admin.ListAsync<Widget>(_namespace, "set in (pages),set!=x", "metadata.name=page-7"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Apply_takes_ownership_and_a_json_patch_tests_first()
    {
        const string Applied = """
            {"apiVersion":"test.llmkube.dev/v1","kind":"Widget","metadata":{"name":"applied","labels":{"a":"b"}},"spec":{"size":5}}
            """;
        var apply = new V1Patch(Applied, V1Patch.PatchType.ApplyPatch);
        var applied = await Admin.PatchAsync<Widget>(apply, "applied", _namespace, fieldManager: "engine-test", force: true);
        Assert.That(applied.Metadata.ManagedFields.Single().Manager, Is.EqualTo("engine-test"));
        var wrong = new V1Patch("""[{"op":"test","path":"/spec/size","value":6},{"op":"replace","path":"/spec/size","value":7}]""", V1Patch.PatchType.JsonPatch);
        Assert.That(
            async () => await Admin.PatchAsync<Widget>(wrong, "applied", _namespace), Throws.TypeOf<HttpOperationException>());
        var right = new V1Patch("""[{"op":"test","path":"/spec/size","value":5},{"op":"replace","path":"/spec/size","value":7}]""", V1Patch.PatchType.JsonPatch);
        Assert.That((await Admin.PatchAsync<Widget>(right, "applied", _namespace)).Spec.Size, Is.EqualTo(7));
    }

    [Test]
    public async Task A_watch_survives_the_end_of_history_and_of_its_connection()
    {
        if (_local is null) Assert.Ignore("Another cluster's history is not ours to end.");
        await using var test = await StartOperatorAsync();
        await Admin.CreateAsync(Make("before", 1));
        await Eventually.IsTrueAsync(() => test.Script.Runs("before") >= 1);
        await _local!.DropStreamsAsync();
        await Admin.CreateAsync(Make("between", 1));
        await Eventually.IsTrueAsync(() => test.Script.Runs("between") >= 1);
        await _local.StopAsync();
        _local.CompactHistory();
        await _local.RestartAsync();
        await Admin.CreateAsync(Make("after", 1));
        await Eventually.IsTrueAsync(() => test.Script.Runs("after") >= 1);
    }

    private static V1CustomResourceDefinition WidgetCrd() => new()
    {
        ApiVersion = "apiextensions.k8s.io/v1",
        Kind = "CustomResourceDefinition",
        Metadata = new() { Name = "widgets.test.llmkube.dev" },
        Spec = new()
        {
            Group = "test.llmkube.dev",
            Scope = "Namespaced",
            Names = new() { Kind = "Widget", ListKind = "WidgetList", Plural = "widgets", Singular = "widget" },
            Versions =
            [
                new()
                {
                    Name = "v1",
                    Served = true,
                    Storage = true,
                    Subresources = new() { Status = new object() },
                    Schema = new()
                    {
                        OpenAPIV3Schema = new()
                        {
                            Type = "object",
                            Properties = new Dictionary<string, V1JSONSchemaProps>
                            {
                                ["spec"] = Object("size"),
                                ["status"] = Object("seen"),
                            },
                        },
                    },
                },
            ],
        },
    };

    private static V1JSONSchemaProps Object(string number) => new()
    {
        Type = "object",
        Properties = new Dictionary<string, V1JSONSchemaProps> { [number] = new() { Type = "integer" } },
    };

    private async Task<bool> IsServedAsync()
    {
        try
        {
            await Admin.ListAsync<Widget>("default", (string?)null);
            return true;
        }
        catch (HttpOperationException)
        {
            return false;
        }
    }

    private void Elected(OperatorSettingsBuilder settings) => settings.WithLeaderElection(LeaderElectionType.Single);

    private Task<Widget?> ReadAsync(string name) => Admin.GetAsync<Widget>(name, _namespace);

    private Widget Make(string name, int size, string? set = null) => new()
    {
        Metadata = new()
        {
            Name = name,
            NamespaceProperty = _namespace,
            Labels = set is null ? null : new Dictionary<string, string> { ["set"] = set },
        },
        Spec = new() { Size = size },
    };

    private Task<TestOperator> StartOperatorAsync(Action<OperatorSettingsBuilder>? settings = null) => TestOperator.StartAsync(
        _configuration,
        settings: s =>
        {
            s.WithNamespace(_namespace);
            settings?.Invoke(s);
        },
        compose: composition => composition
            .AddController<WidgetController, Widget>()
            .AddFinalizer<FirstFinalizer, Widget>(FirstFinalizer.Id)
            .AddFinalizer<SecondFinalizer, Widget>(SecondFinalizer.Id),
        clock: TimeProvider.System);
}
