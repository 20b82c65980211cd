using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Volumes;

/// <summary>
/// Binds claims to volumes, making volumes where a class says how. A class with WaitForFirstConsumer waits for the
/// scheduler to name a node; a ReadWriteOnce volume made then lives on that node. A claim in use is not let go.
/// </summary>
internal sealed class ClaimController : Controller<ObjectKey>
{
    private const string Protection = "kubernetes.io/pvc-protection";
    private readonly string _folder;
    private readonly WatchCache<V1PersistentVolumeClaim> _claims;
    private readonly WatchCache<V1PersistentVolume> _volumes;
    private readonly WatchCache<V1StorageClass> _classes;
    private readonly WatchCache<V1Node> _nodes;
    private readonly CacheIndex<V1Pod> _podsByClaim;

    public ClaimController(ClusterCaches caches, string folder)
        : base(caches, "Claims")
    {
        _folder = folder;
        _claims = caches.Of<V1PersistentVolumeClaim>();
        _volumes = caches.Of<V1PersistentVolume>();
        _classes = caches.Of<V1StorageClass>();
        _nodes = caches.Of<V1Node>();
        var pods = caches.Of<V1Pod>();
        _podsByClaim = pods.AddIndex(Users);
        _claims.Changed += (_, now) =>
        {
            if (now is not null) Queue.Add(ObjectKey.Of(now));
        };
        _classes.Changed += (_, _) => WakePending();
        _volumes.Changed += (before, now) =>
        {
            if ((now ?? before)!.Spec.ClaimRef is { } owner) Queue.Add(new(owner.NamespaceProperty, owner.Name));
            else if (now is not null) WakePending();
        };
        pods.Changed += (before, now) =>
        {
            // Only the end of a pod frees a claim.
            if (before is null || (now is not null && !now.IsTerminal())) return;
            foreach (var name in Names(before)) Queue.Add(new(before.Metadata.NamespaceProperty, name));
        };
    }

    /// <summary>Index keys: the claims that a pod which isn't over uses.</summary>
    public static IEnumerable<string> Users(V1Pod pod) =>
        pod.IsTerminal() ? [] : Names(pod).Select(n => new ObjectKey(pod.Metadata.NamespaceProperty, n).ToString());

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_claims.Find(key) is not { } claim) return;
        if (_claims.IsDeleting(claim))
        {
            if (_podsByClaim[key.ToString()].Count == 0) await ProtectAsync(claim, false, cancellation);
            return;
        }

        claim = await ProtectAsync(claim, true, cancellation);
        if (!string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            var named = _volumes.Find(null, claim.Spec.VolumeName);
            if (named is null) await ReportAsync(claim, claim.Status?.Phase is "Bound" or "Lost" ? "Lost" : "Pending", null, cancellation);
            else if (named.Spec.ClaimRef is null || VolumeMatching.IsClaimedBy(named, claim)) await BindAsync(claim, named, cancellation);
            return;
        }

        var className = VolumeMatching.ClassOf(claim, _classes.All());
        var storage = className.Length == 0 ? null : _classes.Find(null, className);
        var node = claim.Annotation(VolumeMatching.SelectedNode) is { } name ? _nodes.Find(null, name) : null;
        if (VolumeMatching.Waits(storage) && node is null)
        {
            await ReportAsync(claim, "Pending", null, cancellation);
            return;
        }

        var volume = VolumeMatching.Best(claim, className, _volumes.All(), node);
        if (volume is null && storage is not null && storage.Provisioner != "kubernetes.io/no-provisioner")
        {
            volume = _volumes.Observe(await Api.CreateAsync(VolumeBuilder.Build(claim, storage, node, _folder), cancellation));
        }

        if (volume is null) await ReportAsync(claim, "Pending", null, cancellation);
        else await BindAsync(claim, volume, cancellation);
    }

    private static IEnumerable<string> Names(V1Pod pod) =>
        pod.Spec.Volumes?.Select(v => v.PersistentVolumeClaim?.ClaimName).OfType<string>().Distinct() ?? [];

    private void WakePending()
    {
        foreach (var claim in _claims.All().Where(c => string.IsNullOrEmpty(c.Spec.VolumeName))) Queue.Add(ObjectKey.Of(claim));
    }

    /// <summary>The volume says whose it is before the claim says which it has: a crash between the two leaves nothing taken twice.</summary>
    private async Task BindAsync(V1PersistentVolumeClaim claim, V1PersistentVolume volume, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(volume.Spec.ClaimRef?.Uid))
        {
            var copy = volume.Copy();
            copy.Spec.ClaimRef = VolumeBuilder.Reference(claim);
            copy.Metadata.Annotations ??= new Dictionary<string, string>();
            copy.Metadata.Annotations["pv.kubernetes.io/bound-by-controller"] = "yes";
            volume = _volumes.Observe(await Api.ReplaceAsync(copy, cancellation));
        }

        if (volume.Status?.Phase != "Bound")
        {
            var copy = volume.Copy();
            copy.Status = new() { Phase = "Bound" };
            volume = _volumes.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
        }

        if (claim.Spec.VolumeName != volume.Metadata.Name || claim.Annotation("pv.kubernetes.io/bind-completed") is null)
        {
            var copy = claim.Copy();
            copy.Spec.VolumeName = volume.Metadata.Name;
            copy.Metadata.Annotations ??= new Dictionary<string, string>();
            copy.Metadata.Annotations["pv.kubernetes.io/bind-completed"] = "yes";
            if (string.IsNullOrEmpty(claim.Spec.VolumeName)) copy.Metadata.Annotations["pv.kubernetes.io/bound-by-controller"] = "yes";
            claim = _claims.Observe(await Api.ReplaceAsync(copy, cancellation));
        }

        await ReportAsync(claim, "Bound", volume, cancellation);
    }

    private async Task ReportAsync(V1PersistentVolumeClaim claim, string phase, V1PersistentVolume? volume, CancellationToken cancellation)
    {
        var status = new V1PersistentVolumeClaimStatus
        {
            Phase = phase,
            AccessModes = volume?.Spec.AccessModes,
            Capacity = volume?.Spec.Capacity,
            Conditions = claim.Status?.Conditions,
        };
        if (Objects.SameJson(status, claim.Status)) return;
        var copy = claim.Copy();
        copy.Status = status;
        _claims.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
    }

    private async Task<V1PersistentVolumeClaim> ProtectAsync(V1PersistentVolumeClaim claim, bool wanted, CancellationToken cancellation)
    {
        if (claim.Metadata.Finalizers?.Contains(Protection) == true == wanted) return claim;
        var copy = claim.Copy();
        copy.Metadata.Finalizers = wanted
            ? [.. copy.Metadata.Finalizers ?? [], Protection]
            : [.. copy.Metadata.Finalizers.Where(f => f != Protection)];
        return _claims.Observe(await Api.ReplaceAsync(copy, cancellation));
    }
}
