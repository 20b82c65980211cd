using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Cli.Commands;
using LlmKube.Operator.Cli.Crds;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>Puts CustomResourceDefinitions into a cluster and takes them out.</summary>
internal sealed class CrdInstaller(IKubernetes client, TimeProvider time, TimeSpan timeout)
{
    private const string FieldManager = "llmkube-operator-cli";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Applies a definition and waits until the API server serves it.</summary>
    /// <param name="crd">The definition.</param>
    /// <param name="force">Take over fields that another manager has set.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task InstallAsync(JsonObject crd, bool force, CancellationToken cancellation)
    {
        var name = CrdBuilder.NameOf(crd);
        try
        {
            await client.ApiextensionsV1.PatchCustomResourceDefinitionAsync(
                new V1Patch(crd.ToJsonString(), V1Patch.PatchType.ApplyPatch), name, fieldManager: FieldManager, force: force, cancellationToken: cancellation);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            throw new CliException($"{name}: {ApiErrors.MessageOf(e)}; --force takes the fields over", e);
        }

        await WaitAsync($"{name} was not established", async () => await FindAsync(name, cancellation) is { } live && IsEstablished(live), cancellation);
    }

    /// <summary>Deletes a definition, and with it all objects of its kind, and waits until it is gone.</summary>
    /// <param name="crd">The definition.</param>
    /// <param name="force">Delete it though there are objects of its kind.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> UninstallAsync(JsonObject crd, bool force, CancellationToken cancellation)
    {
        var name = CrdBuilder.NameOf(crd);
        if (await FindAsync(name, cancellation) is not { } live) return false;
        if (!force && await CountAsync(live, cancellation) is > 0 and var objects)
        {
            throw new CliException($"{name}: {objects} object(s) of this kind would be deleted; --force deletes them");
        }

        await client.ApiextensionsV1.DeleteCustomResourceDefinitionAsync(name, cancellationToken: cancellation);
        await WaitAsync($"{name} is still being deleted (objects with finalizers?)", async () => await FindAsync(name, cancellation) is null, cancellation);
        return true;
    }

    private static bool IsEstablished(V1CustomResourceDefinition crd) =>
        crd.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) ?? false;

    private async Task<V1CustomResourceDefinition?> FindAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(name, cancellationToken: cancellation);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<long> CountAsync(V1CustomResourceDefinition crd, CancellationToken cancellation)
    {
        var version = crd.Spec.Versions.First(v => v.Served).Name;
        using var generic = new GenericClient(client, crd.Spec.Group, version, crd.Spec.Names.Plural, disposeClient: false);
        var list = await generic.ListAsync<CountedList>(cancel: cancellation);
        return list.Items.Count;
    }

    private async Task WaitAsync(string problem, Func<Task<bool>> done, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (!await done())
        {
            if (time.GetElapsedTime(start) > timeout) throw new CliException($"{problem} within {timeout.TotalSeconds:0} s");
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private sealed class CountedList : KubernetesObject
    {
        public IList<KubernetesObject> Items { get; set; } = [];
    }
}
