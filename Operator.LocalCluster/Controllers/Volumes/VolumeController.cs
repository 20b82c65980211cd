using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Volumes;

/// <summary>Says whether a volume is free, and takes it back, with its files, when its claim is gone.</summary>
internal sealed class VolumeController : Controller<ObjectKey>
{
    public const string Protection = "kubernetes.io/pv-protection";
    private readonly string _folder;
    private readonly WatchCache<V1PersistentVolume> _volumes;
    private readonly WatchCache<V1PersistentVolumeClaim> _claims;
    private readonly CacheIndex<V1PersistentVolume> _byClaim;

    /// <param name="caches">The cluster.</param>
    /// <param name="folder">Where the volumes live that were made for claims.</param>
    public VolumeController(ClusterCaches caches, string folder)
        : base(caches, "Volumes")
    {
        _folder = folder;
        _volumes = caches.Of<V1PersistentVolume>();
        _claims = caches.Of<V1PersistentVolumeClaim>();
        _byClaim = _volumes.AddIndex(v => v.Spec.ClaimRef is { } owner ? [$"{owner.NamespaceProperty}/{owner.Name}"] : []);
        _volumes.Changed += (_, now) =>
        {
            if (now is not null) Queue.Add(ObjectKey.Of(now));
        };
        _claims.Changed += (before, now) =>
        {
            if (now is not null) return;
            foreach (var volume in _byClaim[ObjectKey.Of(before!).ToString()]) Queue.Add(ObjectKey.Of(volume));
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_volumes.Find(key) is not { } volume) return;
        var owner = volume.Spec.ClaimRef;
        var claim = owner is null ? null : _claims.Find(owner.NamespaceProperty, owner.Name);
        var isHeld = claim is not null && (string.IsNullOrEmpty(owner!.Uid) || claim.Metadata.Uid == owner.Uid);
        if (_volumes.IsDeleting(volume))
        {
            if (isHeld) return;
            Empty(volume);
            await ProtectAsync(volume, false, cancellation);
            return;
        }

        volume = await ProtectAsync(volume, true, cancellation);
        if (owner is null || string.IsNullOrEmpty(owner.Uid))
        {
            await ReportAsync(volume, "Available", cancellation);
        }
        else if (!isHeld)
        {
            await ReportAsync(volume, "Released", cancellation);
            if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete") await Api.DeleteAsync(_volumes.Type, key, volume.Metadata.Uid, cancellation);
        }
    }

    /// <summary>Only what was made here: a folder of any other path is someone's own.</summary>
    private void Empty(V1PersistentVolume volume)
    {
        var path = VolumeBuilder.PathOf(volume.Metadata.Name, _folder);
        if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete" && volume.Spec.HostPath?.Path == path && Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    private async Task ReportAsync(V1PersistentVolume volume, string phase, CancellationToken cancellation)
    {
        if (volume.Status?.Phase == phase) return;
        var copy = volume.Copy();
        copy.Status = new() { Phase = phase };
        _volumes.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
    }

    private async Task<V1PersistentVolume> ProtectAsync(V1PersistentVolume volume, bool wanted, CancellationToken cancellation)
    {
        if (volume.Metadata.Finalizers?.Contains(Protection) == true == wanted) return volume;
        var copy = volume.Copy();
        copy.Metadata.Finalizers = wanted
            ? [.. copy.Metadata.Finalizers ?? [], Protection]
            : [.. copy.Metadata.Finalizers.Where(f => f != Protection)];
        return _volumes.Observe(await Api.ReplaceAsync(copy, cancellation));
    }
}
