using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Observes everything that a decision about a Model needs.</summary>
internal sealed class ModelView(IKubernetesClient client, ApiCalls api, FetchMonitor fetches, OperatorImage image, OperatorOptions options, TimeProvider time)
{
    /// <summary>How long a Job may be without a pod before it is asked why, and how often then.</summary>
    public static readonly TimeSpan PatienceForPods = TimeSpan.FromSeconds(30);

    /// <summary>The snapshot of a Model.</summary>
    public async Task<ModelSnapshot> ObserveAsync(Model model, CancellationToken cancellationToken)
    {
        var (ns, identity) = (model.Metadata.NamespaceProperty, SourceIdentity.Of(model.Spec));
        var all = await client.ListAsync<Model>(ns, cancellationToken: cancellationToken);

        // This runs for each of thousands of Models, so it makes one pass and hashes nothing.
        List<Model> siblings = [];
        HashSet<string> users = [model.Metadata.Name];
        HashSet<string> leaving = [ServiceNames.Child(model.Metadata.Name)];
        foreach (var other in all)
        {
            if (SourceIdentity.Of(other.Spec) != identity || other.Metadata.Uid == model.Metadata.Uid) continue;
            if (other.Metadata.DeletionTimestamp is not null)
            {
                leaving.Add(ServiceNames.Child(other.Metadata.Name));
                continue;
            }

            siblings.Add(other);
            users.Add(other.Metadata.Name);
        }

        var services = await client.ListAsync<InferenceService>(ns, cancellationToken: cancellationToken);
        List<InferenceService> serving =
        [
            .. services.Where(s => users.Contains(s.Spec.ModelRef))
                .OrderBy(s => s.Metadata.CreationTimestamp)
                .ThenBy(s => s.Metadata.Name, StringComparer.Ordinal),
        ];
        var claims = ModelClaims.Wanted(model, serving.Where(s => s.Spec.ModelRef == model.Metadata.Name));
        var seen = new ModelSnapshot
        {
            Model = model,
            ClaimName = null,
            Claim = null,
            Job = null,
            Pods = [],
            Strays = await StraysAsync(model, claims, all, services, cancellationToken),
            Siblings = siblings,
            Servers = model.Metadata.DeletionTimestamp is null ? [] : await ServersAsync(ns, leaving, cancellationToken),
            Services = serving,
            Image = await image.FindAsync(cancellationToken),
            Options = options,
            Now = time.GetUtcNow(),
        };
        if (claims.Count == 0) return seen;
        List<ModelSnapshot> others = [];
        foreach (var further in claims.Skip(1)) others.Add(await AtAsync(seen with { IsFurther = true }, further, cancellationToken));
        return await AtAsync(seen, claims[0], cancellationToken) with { Others = others };
    }

    private async Task<ModelSnapshot> AtAsync(ModelSnapshot seen, string claimName, CancellationToken cancellationToken)
    {
        var claim = await client.GetAsync<V1PersistentVolumeClaim>(claimName, seen.Model.Metadata.NamespaceProperty, cancellationToken);
        var job = await JobAsync(CacheStatuses.At(seen.Model, claimName), seen.Key, claimName, claim, cancellationToken);
        var pods = job is null ? [] : await PodsOfAsync(job, cancellationToken);
        return seen with
        {
            ClaimName = claimName,
            Claim = claim,
            Job = job,
            Pods = pods,
            JobEvents = job is not null && pods.Count == 0 ? await EventsAsync(job, cancellationToken) : [],
            Progress = job is null || seen.IsFurther ? null : fetches.Of(job),
        };
    }

    private async Task<IReadOnlyList<V1Pod>> ServersAsync(string @namespace, HashSet<string> models, CancellationToken cancellationToken)
    {
        var pods = await client.ListAsync<V1Pod>(@namespace, Labels.ManagedSelector, cancellationToken: cancellationToken);
        return [.. pods.Where(p => p.Metadata.Labels.TryGetValue(Labels.Model, out var of) && models.Contains(of) && p.Status?.Phase is not ("Succeeded" or "Failed"))];
    }

    // A foreign Job of the name matters to whoever needs a fetch. Who has its artefact is content with what we watch, and costs no request.
    private async Task<V1Job?> JobAsync(Model model, string key, string claimName, V1PersistentVolumeClaim? claim, CancellationToken cancellationToken)
    {
        var (ns, name) = (model.Metadata.NamespaceProperty, FetchJobBuilder.NameOf(key, claimName));
        if (!ModelStatuses.Holds(model, key, claim)) return await client.GetAsync<V1Job>(name, ns, cancellationToken);
        var ours = await client.ListAsync<V1Job>(ns, $"{Labels.ManagedSelector},{Labels.CacheKey}={key}", cancellationToken: cancellationToken);
        return ours.FirstOrDefault(j => j.Metadata.Name == name);
    }

    private async Task<IReadOnlyList<V1Job>> StraysAsync(
        Model model, IReadOnlyList<string> claims, IList<Model> all, IList<InferenceService> services, CancellationToken cancellationToken)
    {
        var jobs = await client.ListAsync<V1Job>(model.Metadata.NamespaceProperty, Labels.ManagedSelector, cancellationToken: cancellationToken);
        var wanted = Names(model, claims).ToHashSet();
        List<V1Job> owned = [.. jobs.Where(j => FetchJobBuilder.IsOwnedBy(j, model) && !wanted.Contains(j.Metadata.Name))];
        if (owned.Count == 0) return [];
        var byModel = services.ToLookup(s => s.Spec.ModelRef);
        var needed = all.Where(m => m.Metadata.Uid != model.Metadata.Uid && m.Metadata.DeletionTimestamp is null)
            .SelectMany(m => Names(m, ModelClaims.Wanted(m, byModel[m.Metadata.Name])))
            .ToHashSet();
        owned.RemoveAll(j => needed.Contains(j.Metadata.Name));
        return owned;

        static IEnumerable<string> Names(Model of, IReadOnlyList<string> claims)
        {
            var key = CacheKey.Of(SourceIdentity.Of(of.Spec));
            return claims.Select(c => FetchJobBuilder.NameOf(key, c));
        }
    }

    private async Task<IReadOnlyList<Corev1Event>> EventsAsync(V1Job job, CancellationToken cancellationToken)
    {
        var isOld = job.Metadata.CreationTimestamp is { } created && time.GetUtcNow().UtcDateTime - created >= PatienceForPods;
        var isAwaited = FetchJobBuilder.IsOurs(job) && job.Metadata.DeletionTimestamp is null && !FetchSlots.HasEnded(job);
        return isOld && isAwaited ? await api.ListEventsAsync(job.Metadata.NamespaceProperty, job.Metadata.Uid, cancellationToken) : [];
    }

    private async Task<IReadOnlyList<V1Pod>> PodsOfAsync(V1Job job, CancellationToken cancellationToken)
    {
        var selector = $"{Labels.ManagedSelector},{Labels.CacheKey}={FetchJobBuilder.KeyOf(job)}";
        var pods = await client.ListAsync<V1Pod>(job.Metadata.NamespaceProperty, selector, cancellationToken: cancellationToken);
        return [.. pods.Where(p => p.Metadata.OwnerReferences?.Any(o => o.Uid == job.Metadata.Uid) == true)];
    }
}
