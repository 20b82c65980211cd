using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>Observes everything that a decision about a Model needs.</summary>
internal sealed class ModelView(IKubernetesClient client, OperatorImage image, OperatorOptions options, TimeProvider time)
{
    /// <summary>The snapshot of a Model.</summary>
    public async Task<ModelSnapshot> ObserveAsync(Model model, CancellationToken cancellationToken)
    {
        var ns = model.Metadata.NamespaceProperty;
        var key = CacheKey.Of(model.Spec.Source);
        var all = await client.ListAsync<Model>(ns, cancellationToken: cancellationToken);
        var others = all.Where(m => m.Metadata.Uid != model.Metadata.Uid && m.Metadata.DeletionTimestamp is null).ToList();
        var siblings = others.Where(m => m.Spec.Source == model.Spec.Source).ToList();
        var users = siblings.Select(m => m.Metadata.Name).Append(model.Metadata.Name).ToHashSet();
        var job = await client.GetAsync<V1Job>(FetchJobBuilder.NameOf(key), ns, cancellationToken);
        var neededKeys = others.Select(m => CacheKey.Of(m.Spec.Source)).Append(key).ToHashSet();
        var jobs = await client.ListAsync<V1Job>(ns, Labels.ManagedSelector, cancellationToken: cancellationToken);
        var services = await client.ListAsync<InferenceService>(ns, cancellationToken: cancellationToken);
        return new ModelSnapshot
        {
            Model = model,
            Claim = await client.GetAsync<V1PersistentVolumeClaim>(CacheDefaults.ClaimName, ns, cancellationToken),
            Job = job,
            Pods = job is null ? [] : await PodsOfAsync(job, cancellationToken),
            Strays = [.. jobs.Where(j => FetchJobBuilder.IsOwnedBy(j, model) && !neededKeys.Contains(FetchJobBuilder.KeyOf(j) ?? ""))],
            Siblings = siblings,
            Services =
            [
                .. services.Where(s => users.Contains(s.Spec.ModelRef))
                    .OrderBy(s => s.Metadata.CreationTimestamp)
                    .ThenBy(s => s.Metadata.Name, StringComparer.Ordinal),
            ],
            Image = await image.FindAsync(cancellationToken),
            Options = options,
            Now = time.GetUtcNow(),
        };
    }

    private async Task<IReadOnlyList<V1Pod>> PodsOfAsync(V1Job job, CancellationToken cancellationToken)
    {
        var selector = $"{Labels.ManagedSelector},{Labels.CacheKey}={FetchJobBuilder.KeyOf(job)}";
        var pods = await client.ListAsync<V1Pod>(job.Metadata.NamespaceProperty, selector, cancellationToken: cancellationToken);
        return [.. pods.Where(p => p.Metadata.OwnerReferences?.Any(o => o.Uid == job.Metadata.Uid) == true)];
    }
}
