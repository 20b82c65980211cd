using System.Reflection;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Tests.Fakes;
using LlmKube.Operator.LocalCluster.ApiServer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Clusters;

/// <summary>What the engine asks for by itself, with the rights of deploy/rbac and no others.</summary>
public class DeployedRoleTests
{
    private static readonly string Folder = Path.Combine(
        typeof(DeployedRoleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!, "deploy", "rbac");

    [Test]
    public async Task Its_election_and_its_events_before_and_after_a_restart_are_allowed()
    {
        var binding = await KubernetesYaml.LoadFromFileAsync<V1ClusterRoleBinding>(Path.Combine(Folder, "role-binding.yaml"));
        var account = binding.Subjects.Single();
        var user = $"system:serviceaccount:{account.NamespaceProperty}:{account.Name}";
        await using var server = await ApiServerHost.StartAsync(new ApiServerOptions { Tokens = [new ApiToken("token", user)] });
        using var admin = new Kubernetes(server.ClientConfiguration());
        await admin.RbacAuthorizationV1.CreateClusterRoleAsync(
            await KubernetesYaml.LoadFromFileAsync<V1ClusterRole>(Path.Combine(Folder, "role.yaml")));
        await admin.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding);
        var subject = new V1ConfigMap { Metadata = new() { Name = "a", NamespaceProperty = "default", Uid = "uid-a" } };

        foreach (var _ in Enumerable.Range(0, 2)) await PublishAsync(server, subject);

        var published = (await admin.CoreV1.ListNamespacedEventAsync("default")).Items.Single();
        Assert.That(published.Count, Is.EqualTo(4));
        Assert.That(server.Requests.All.Where(request => request.User == user && request.StatusCode == 403), Is.Empty);
        Assert.That(server.Requests.All.Select(request => $"{request.Verb} {request.Resource}"), Does.Contain("get events").And.Contain("update leases"));
    }

    private static async Task PublishAsync(ApiServerHost server, V1ConfigMap subject)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var test = await TestOperator.StartAsync(
            server.ClientConfiguration("token"),
            settings: s => s.WithLeaderElection(LeaderElectionType.Single).WithNamespace("default"),
            compose: composition => composition.AddController<PodController, V1Pod>(),
            clock: clock);
        await Eventually.IsTrueAsync(() => test.Services.GetRequiredService<Leadership>().IsLeader, "The lead, which nobody holds");
        var publish = test.Services.GetRequiredService<EventPublisher>();
        for (var i = 0; i < 2; i++) await publish(subject, "Waiting", "for a GPU");
    }

    private sealed class PodController : IEntityController<V1Pod>
    {
        public Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));

        public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }
}
