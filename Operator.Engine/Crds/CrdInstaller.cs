using System.Net;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Crds;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Crds;

/// <summary>A kind that the operator has a controller for.</summary>
internal sealed record ControlledKind(Type Entity);

/// <summary>Installs the CustomResourceDefinitions of the operator's kinds before it starts. For development.</summary>
internal sealed class CrdInstaller(
    ApiConnection api,
    CrdInstallerSettings settings,
    ICrdResourceFactory factory,
    IEnumerable<ControlledKind> kinds,
    ILogger<CrdInstaller> logger) : IHostedService
{
    private static readonly ResourceType Type = ResourceType.Of<V1CustomResourceDefinition>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var crd in Definitions()) await InstallAsync(crd, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!settings.DeleteOnShutdown) return;
        foreach (var crd in Definitions())
        {
            try
            {
                await SendAsync(ApiRequest.Delete(Type, null, crd.Metadata.Name), cancellationToken);
                logger.CrdInstalled(crd.Metadata.Name, "deleted");
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
            {
                // Somebody was faster.
            }
        }
    }

    private List<V1CustomResourceDefinition> Definitions() =>
        [.. factory.CreateCustomResourceDefinitions([.. kinds.Select(kind => kind.Entity).Distinct().Where(IsCustom)])];

    private static bool IsCustom(Type entity) => entity.Assembly != typeof(V1Pod).Assembly;

    private async Task InstallAsync(V1CustomResourceDefinition crd, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await SendAsync(ApiRequest.Create(Type, null, crd), cancellationToken);
                logger.CrdInstalled(crd.Metadata.Name, "created");
                return;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
            {
                if (!settings.OverwriteExisting) return;
            }

            try
            {
                var body = await SendAsync(ApiRequest.Get(Type, null, crd.Metadata.Name), cancellationToken);
                crd.Metadata.ResourceVersion = WireFormat.Decode<V1CustomResourceDefinition>(body, Type).Metadata.ResourceVersion;
                await SendAsync(ApiRequest.Replace(Type, null, crd.Metadata.Name, crd), cancellationToken);
                logger.CrdInstalled(crd.Metadata.Name, "replaced");
                return;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
            {
                // Changed or deleted under us; from the start.
                crd.Metadata.ResourceVersion = null;
            }
        }
    }

    private Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(ApiRequest.NeedsNoLease, true);
        return api.SendAsync(request, cancellationToken);
    }
}
