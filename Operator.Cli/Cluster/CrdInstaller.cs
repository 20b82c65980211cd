using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Cli.Commands;
using LlmKube.Operator.Cli.Crds;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>Puts CustomResourceDefinitions into a cluster and takes them out.</summary>
internal sealed class CrdInstaller(IKubernetes client, Patience patience)
{
    private const string FieldManager = "llmkube-operator-cli";

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

        await patience.WaitAsync(async () => await FindAsync(name, cancellation) is { } live && IsEstablished(live) ? null : $"{name} was not established", cancellation);
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
        await patience.WaitAsync(async () => await FindAsync(name, cancellation) is null ? null : $"{name} did not go (objects with finalizers?)", cancellation);
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

    private Task<int> CountAsync(V1CustomResourceDefinition crd, CancellationToken cancellation) =>
        new DefinedObjects(client, crd.Spec.Group, crd.Spec.Versions.First(v => v.Served).Name, crd.Spec.Names.Plural).CountAsync(cancellation);
}
