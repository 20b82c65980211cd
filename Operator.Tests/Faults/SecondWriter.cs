using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Somebody who writes labels and annotations of its own to everything that the operator writes to, one object at a time and 50 a second.</summary>
internal sealed class SecondWriter(StoryCluster cluster)
{
    private const string Field = "second-writer";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.0 / 50);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<(string Resource, string Name), string> _written = [];

    /// <summary>Writes to all objects, round and round, until the task has ended and once more.</summary>
    public async Task RunWhileAsync(Task task)
    {
        var (time, start) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        var due = TimeSpan.Zero;
        for (var isLast = false; !isLast;)
        {
            isLast = task.IsCompleted;
            foreach (var (resource, metadata) in await AllAsync())
            {
                // What is late is not waited for, so that the rate is what it is said to be.
                if (due - time.GetElapsedTime(start) is var early && early > TimeSpan.Zero) await Task.Delay(early, time);
                due += Pause;
                await WriteAsync(resource, metadata.Name);
            }
        }

        await task;
    }

    /// <summary>Writes to one object.</summary>
    public async Task WriteAsync(string resource, string name)
    {
        await _one.WaitAsync();
        try
        {
            var value = $"{Guid.NewGuid():n}";
            await PatchAsync(resource, name, value);
            _written[(resource, name)] = value;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Asserts that every object still has what was written to it last.</summary>
    public async Task AssertKeptAsync()
    {
        var kept = (await AllAsync()).ToDictionary(o => (o.Resource, o.Metadata.Name), o => (Label: o.Metadata.Labels?[Field], Annotation: o.Metadata.Annotations?[Field]));
        Assert.That(kept, Is.EquivalentTo(_written.ToDictionary(w => w.Key, w => (Label: w.Value, Annotation: w.Value))));
    }

    /// <summary>Takes away what was written.</summary>
    public async Task UndoAsync()
    {
        foreach (var (resource, name) in _written.Keys) await PatchAsync(resource, name, null);
    }

    private Task PatchAsync(string resource, string name, string? value)
    {
        var (client, ns) = (cluster.Client, cluster.Namespace);
        var field = new Dictionary<string, string?> { [Field] = value };
        var patch = StoryCluster.Merge(new { metadata = new { labels = field, annotations = field } });
        return resource switch
        {
            Model.KubePluralName => cluster.Models.PatchNamespacedAsync<Model>(patch, ns, name),
            InferenceService.KubePluralName => cluster.Services.PatchNamespacedAsync<InferenceService>(patch, ns, name),
            V1Deployment.KubePluralName => client.AppsV1.PatchNamespacedDeploymentAsync(patch, name, ns),
            V1Service.KubePluralName => client.CoreV1.PatchNamespacedServiceAsync(patch, name, ns),
            V1PersistentVolumeClaim.KubePluralName => client.CoreV1.PatchNamespacedPersistentVolumeClaimAsync(patch, name, ns),
            V1PodDisruptionBudget.KubePluralName => client.PolicyV1.PatchNamespacedPodDisruptionBudgetAsync(patch, name, ns),
            _ => throw new ArgumentException($"Nobody writes to {resource}.", nameof(resource)),
        };
    }

    private async Task<IReadOnlyList<(string Resource, V1ObjectMeta Metadata)>> AllAsync()
    {
        var (client, ns) = (cluster.Client, cluster.Namespace);
        return
        [
            .. (await cluster.AllModelsAsync()).Select(o => (Model.KubePluralName, o.Metadata)),
            .. (await cluster.AllServicesAsync()).Select(o => (InferenceService.KubePluralName, o.Metadata)),
            .. (await client.AppsV1.ListNamespacedDeploymentAsync(ns)).Items.Select(o => (V1Deployment.KubePluralName, o.Metadata)),
            .. (await client.CoreV1.ListNamespacedServiceAsync(ns)).Items.Select(o => (V1Service.KubePluralName, o.Metadata)),
            .. (await client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(ns)).Items.Select(o => (V1PersistentVolumeClaim.KubePluralName, o.Metadata)),
            .. (await client.PolicyV1.ListNamespacedPodDisruptionBudgetAsync(ns)).Items.Select(o => (V1PodDisruptionBudget.KubePluralName, o.Metadata)),
        ];
    }
}
