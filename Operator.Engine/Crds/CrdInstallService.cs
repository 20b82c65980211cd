using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Hosting;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Crds;

/// <summary>A kind that the operator has a controller for.</summary>
internal sealed record ControlledKind(Type Entity);

/// <summary>
/// Installs the CustomResourceDefinitions of the operator's kinds before it starts, and waits until they are served. For development. An
/// API server that is not there yet, or overloaded, is waited for; one that refuses ends the start.
/// </summary>
internal sealed class CrdInstallService(
    ApiConnection api,
    CrdInstallerSettings settings,
    ICrdResourceFactory factory,
    IEnumerable<ControlledKind> kinds,
    OperatorSettings operatorSettings,
    InformerOptions options,
    TimeProvider time,
    Dice dice,
    ILogger<CrdInstallService> logger) : IHostedService
{
    private static readonly ResourceType Type = ResourceType.Of<V1CustomResourceDefinition>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var crd in Definitions())
        {
            await UntilDoneAsync(crd, InstallAsync, cancellationToken);
            await UntilDoneAsync(crd, IsServedAsync, cancellationToken);
        }
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

    private static bool IsCustom(Type entity) => entity.Assembly != typeof(V1Pod).Assembly;

    private static bool IsPassing(Exception e) => e switch
    {
        HttpOperationException { Response.StatusCode: var code } =>
            code is HttpStatusCode.Conflict or HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    private List<V1CustomResourceDefinition> Definitions() =>
        [.. factory.CreateCustomResourceDefinitions([.. kinds.Select(kind => kind.Entity).Distinct().Where(IsCustom)])];

    private async Task UntilDoneAsync(
        V1CustomResourceDefinition crd, Func<V1CustomResourceDefinition, CancellationToken, Task<bool>> step, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                if (await step(crd, cancellationToken)) return;
                logger.CrdWaits(crd.Metadata.Name, "it is not served yet");
            }
            catch (Exception e) when (IsPassing(e))
            {
                logger.CrdWaits(crd.Metadata.Name, e.Message);
            }

            await Task.Delay(options.Reconnect.After(tries, dice.Roll()), time, cancellationToken);
        }
    }

    private async Task<bool> InstallAsync(V1CustomResourceDefinition crd, CancellationToken cancellationToken)
    {
        if (settings.OverwriteExisting)
        {
            var patch = new V1Patch(KubernetesJson.Serialize(crd), V1Patch.PatchType.ApplyPatch);
            await SendAsync(ApiRequest.Patch(Type, null, crd.Metadata.Name, patch, operatorSettings.Name, force: true, dryRun: null), cancellationToken);
            logger.CrdInstalled(crd.Metadata.Name, "applied");
            return true;
        }

        try
        {
            await SendAsync(ApiRequest.Create(Type, null, crd), cancellationToken);
            logger.CrdInstalled(crd.Metadata.Name, "created");
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // It is there, and to be left as it is.
        }

        return true;
    }

    private async Task<bool> IsServedAsync(V1CustomResourceDefinition crd, CancellationToken cancellationToken)
    {
        var body = await SendAsync(ApiRequest.Get(Type, null, crd.Metadata.Name), cancellationToken);
        var conditions = WireFormat.Decode<V1CustomResourceDefinition>(body, Type).Status?.Conditions;
        return conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) is true;
    }

    private Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(ApiRequest.NeedsNoLease, true);
        return api.SendAsync(request, cancellationToken);
    }
}
