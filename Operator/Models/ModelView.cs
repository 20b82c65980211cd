using System.Net;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.Models;

/// <summary>Observes everything that a decision about a Model needs.</summary>
internal sealed class ModelView(IKubernetesClient client, ApiCalls api, FetchMonitor fetches, OperatorImage image, OperatorOptions options, TimeProvider time)
{
    /// <summary>How long a Job may be without a pod, or its pod without a container, before it is asked why, and how often then.</summary>
    public static readonly TimeSpan PatienceForPods = TimeSpan.FromSeconds(30);

    /// <summary>The snapshot of a Model.</summary>
    public async Task<ModelSnapshot> ObserveAsync(Model model, CancellationToken cancellationToken)
    {
        var (ns, identity) = (model.Metadata.NamespaceProperty, SourceIdentity.Of(model.Spec));

        List<Model> siblings = [];
        HashSet<string> leaving = [ServiceNames.Child(model.Metadata.Name)];
        foreach (var other in await client.ListAsync<Model>(ns, fieldSelector: SelectableFields.SourceIs(model.Spec.Source), cancellationToken: cancellationToken))
        {
            if (SourceIdentity.Of(other.Spec) != identity || other.Metadata.Uid == model.Metadata.Uid) continue;
            if (other.Metadata.DeletionTimestamp is null) siblings.Add(other);
            else leaving.Add(ServiceNames.Child(other.Metadata.Name));
        }

        var serving = await ServingAsync(model, siblings, cancellationToken);
        var claims = ModelClaims.Wanted(model, serving.Where(s => s.Spec.ModelRef == model.Metadata.Name));
        var seen = new ModelSnapshot
        {
            Model = model,
            ClaimName = null,
            Claim = null,
            Job = null,
            Pods = [],
            Strays = await StraysAsync(model, claims, cancellationToken),
            Siblings = siblings,
            Servers = model.Metadata.DeletionTimestamp is null ? [] : await ServersAsync(model, leaving, cancellationToken),
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
        var job = await JobAsync((seen with { Claim = claim }).At(claimName), cancellationToken);
        var pods = job is null ? [] : await PodsOfAsync(job, cancellationToken);
        return seen with
        {
            ClaimName = claimName,
            Claim = claim,
            Job = job,
            Pods = pods,
            FetchEvents = job is null ? [] : await EventsAsync(job, FetchStates.NewestOf(pods), cancellationToken),
            Progress = job is null || seen.IsFurther ? null : fetches.Of(job),
        };
    }

    private async Task<IReadOnlyList<InferenceService>> ServingAsync(Model model, IEnumerable<Model> siblings, CancellationToken cancellationToken)
    {
        List<InferenceService> services = [];
        foreach (var served in siblings.Prepend(model)) services.AddRange(await ServicesAsync(model, SelectableFields.ModelRefIs(served.Metadata.Name), cancellationToken));
        return [.. services.OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal)];
    }

    // Where both definitions are removed, that of services may be gone first: who leaves waits for none of them then. A Model that stays waits for it to come back.
    private async Task<IList<InferenceService>> ServicesAsync(Model model, string? fieldSelector, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ListAsync<InferenceService>(model.Metadata.NamespaceProperty, fieldSelector: fieldSelector, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound && model.Metadata.DeletionTimestamp is not null)
        {
            return [];
        }
    }

    // What is to be removed may be served for others, too: for Models that had its source until a short while ago.
    private async Task<IReadOnlyList<V1Pod>> ServersAsync(Model leaving, IEnumerable<string> models, CancellationToken cancellationToken)
    {
        var ns = leaving.Metadata.NamespaceProperty;
        List<V1Pod> named = [];
        foreach (var model in models) named.AddRange(await RunningAsync($"{Managed.Selector},{Labels.Model}={model}"));
        if (leaving.Spec.DeletionPolicy != DeletionPolicies.Delete) return named;
        var deployments = await client.ListAsync<V1Deployment>(ns, Managed.Selector, cancellationToken: cancellationToken);
        var others = ServedFile.ServersOf(CacheKey.Of(leaving.Spec), await RunningAsync(Managed.Selector), deployments);
        var known = named.Select(p => p.Metadata.Uid).ToHashSet();
        return [.. named, .. others.Where(p => !known.Contains(p.Metadata.Uid))];

        async Task<IEnumerable<V1Pod>> RunningAsync(string selector) =>
            (await client.ListAsync<V1Pod>(ns, selector, cancellationToken: cancellationToken)).Where(p => p.Status?.Phase is not ("Succeeded" or "Failed"));
    }

    // A foreign Job of the name matters to whoever needs one. Who has its artefact is content with what we watch, and costs no request.
    private async Task<V1Job?> JobAsync(ModelSnapshot place, CancellationToken cancellationToken)
    {
        var ns = place.Model.Metadata.NamespaceProperty;
        var mayRemove = place.Model is { Metadata.DeletionTimestamp: not null, Spec.DeletionPolicy: DeletionPolicies.Delete };
        if (!place.IsHeld || mayRemove) return await client.GetAsync<V1Job>(place.JobName, ns, cancellationToken);
        var ours = await client.ListAsync<V1Job>(ns, $"{Managed.Selector},{Labels.CacheKey}={place.Key}", cancellationToken: cancellationToken);
        return ours.FirstOrDefault(j => j.Metadata.Name == place.JobName);
    }

    // Jobs of its source in claims that its services name no more are found by its key.
    private async Task<IReadOnlyList<V1Job>> StraysAsync(Model model, IReadOnlyList<string> claims, CancellationToken cancellationToken)
    {
        var (ns, key) = (model.Metadata.NamespaceProperty, CacheKey.Of(model.Spec));
        var selector = MayHaveStraysOfOtherSources(model, key) ? Managed.Selector : $"{Managed.Selector},{Labels.CacheKey}={key}";
        var jobs = await client.ListAsync<V1Job>(ns, selector, cancellationToken: cancellationToken);
        var wanted = Names(key, claims).ToHashSet();
        List<V1Job> owned = [.. jobs.Where(j => FetchJobBuilder.IsOwnedBy(j, model) && !wanted.Contains(j.Metadata.Name))];
        if (owned.Count == 0) return [];
        var services = (await ServicesAsync(model, null, cancellationToken)).ToLookup(s => s.Spec.ModelRef);
        var needed = (await client.ListAsync<Model>(ns, cancellationToken: cancellationToken))
            .Where(m => m.Metadata.Uid != model.Metadata.Uid && m.Metadata.DeletionTimestamp is null)
            .SelectMany(m => Names(CacheKey.Of(m.Spec), ModelClaims.Wanted(m, services[m.Metadata.Name])))
            .ToHashSet();
        owned.RemoveAll(j => needed.Contains(j.Metadata.Name));
        return owned;

        static IEnumerable<string> Names(string key, IReadOnlyList<string> claims) => claims.Select(c => FetchJobBuilder.NameOf(key, c));
    }

    // Its Jobs of another source are from before its spec was changed, and are gone before a report tells of the change without trouble. So thousands
    // of Models that nobody has changed don't each go through the Jobs of all.
    private static bool MayHaveStraysOfOtherSources(Model model, string key) =>
        model.Metadata.Generation is not 1
        && (model.Metadata.DeletionTimestamp is not null
            || model.Status is not { } status
            || status.ObservedGeneration != model.Metadata.Generation
            || status.CacheKey != key
            || status.Conditions.IsTrue(ConditionTypes.Degraded));

    // Why there is no pod for so long, or why it does not begin where it has been placed, is told in Events alone.
    private async Task<IReadOnlyList<Corev1Event>> EventsAsync(V1Job job, V1Pod? pod, CancellationToken cancellationToken)
    {
        if (pod is not null && !FetchStates.IsBeingMade(pod)) return [];
        var stuck = pod?.Metadata ?? job.Metadata;
        var isOld = stuck.CreationTimestamp is { } created && time.GetUtcNow().UtcDateTime - created >= PatienceForPods;
        var isAwaited = FetchJobBuilder.IsOurs(job) && job.Metadata.DeletionTimestamp is null && !FetchSlots.HasEnded(job);
        return isOld && isAwaited ? await api.ListEventsAsync(stuck.NamespaceProperty, stuck.Uid, cancellationToken) : [];
    }

    private async Task<IReadOnlyList<V1Pod>> PodsOfAsync(V1Job job, CancellationToken cancellationToken)
    {
        var selector = $"{Managed.Selector},{Labels.CacheKey}={FetchJobBuilder.KeyOf(job)}";
        var pods = await client.ListAsync<V1Pod>(job.Metadata.NamespaceProperty, selector, cancellationToken: cancellationToken);
        return [.. pods.Where(p => p.Metadata.OwnerReferences?.Any(o => o.Uid == job.Metadata.Uid) == true)];
    }
}
