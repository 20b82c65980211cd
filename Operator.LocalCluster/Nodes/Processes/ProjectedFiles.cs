using System.Text;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A file that is made of something in the API.</summary>
/// <param name="Path">In the volume.</param>
/// <param name="Content">What it holds.</param>
/// <param name="Mode">Its permissions.</param>
internal sealed record ProjectedFile(string Path, byte[] Content, UnixFileMode Mode);

/// <summary>The files of volumes that show objects of the API: config maps, secrets, the pod's own fields, tokens, and all of these in one.</summary>
internal sealed class ProjectedFiles(PodObjects objects, ServiceAccountAccess access)
{
    private const int DefaultMode = 0x1A4; // 0644

    // Secrets here are files of a machine that others use, too.
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <returns>Null for a volume of another kind.</returns>
    /// <exception cref="VolumeException">Something that it shows is missing.</exception>
    public async Task<IReadOnlyList<ProjectedFile>?> OfAsync(VolumeContext of, V1Volume volume, CancellationToken cancellation) => volume switch
    {
        { ConfigMap: { } map } => await ConfigMapAsync(of, map.Name, map.Items, map.Optional, map.DefaultMode, cancellation),
        { Secret: { } secret } => await SecretAsync(of, secret.SecretName, secret.Items, secret.Optional, secret.DefaultMode, cancellation),
        { DownwardAPI: { } fields } => Fields(of, fields.Items, fields.DefaultMode),
        { Projected: { } projected } => await ProjectedAsync(of, projected, cancellation),
        _ => null,
    };

    private async Task<IReadOnlyList<ProjectedFile>> ProjectedAsync(VolumeContext of, V1ProjectedVolumeSource projected, CancellationToken cancellation)
    {
        var files = new List<ProjectedFile>();
        foreach (var source in projected.Sources ?? [])
        {
            files.AddRange(source switch
            {
                { ConfigMap: { } map } => await ConfigMapAsync(of, map.Name, map.Items, map.Optional, projected.DefaultMode, cancellation),
                { Secret: { } secret } => await SecretAsync(of, secret.Name, secret.Items, secret.Optional, projected.DefaultMode, cancellation),
                { DownwardAPI: { } fields } => Fields(of, fields.Items, projected.DefaultMode),
                { ServiceAccountToken: { } token } => [await TokenAsync(of, token, cancellation)],
                _ => throw new VolumeException("it projects a source that this node doesn't have"),
            });
        }

        return files;
    }

    private async Task<IReadOnlyList<ProjectedFile>> ConfigMapAsync(VolumeContext of, string name, IList<V1KeyToPath>? items, bool? optional, int? mode, CancellationToken cancellation) =>
        Chosen($"configmap \"{name}\"", await objects.ConfigMapAsync(of.Pod.Metadata.NamespaceProperty, name, cancellation), items, optional, mode, ~UnixFileMode.None);

    private async Task<IReadOnlyList<ProjectedFile>> SecretAsync(VolumeContext of, string name, IList<V1KeyToPath>? items, bool? optional, int? mode, CancellationToken cancellation) =>
        Chosen($"secret \"{name}\"", await objects.SecretAsync(of.Pod.Metadata.NamespaceProperty, name, cancellation), items, optional, mode, ForOwner);

    private async Task<ProjectedFile> TokenAsync(VolumeContext of, V1ServiceAccountTokenProjection token, CancellationToken cancellation)
    {
        try
        {
            return new(token.Path, Encoding.UTF8.GetBytes(await access.TokenAsync(of.Pod, token.Audience, cancellation)), ForOwner);
        }
        catch (HttpOperationException e)
        {
            throw new VolumeException($"no token: {e.Words()}");
        }
    }

    private static List<ProjectedFile> Fields(VolumeContext of, IList<V1DownwardAPIVolumeFile>? items, int? mode) =>
    [
        .. (items ?? []).Select(i => new ProjectedFile(i.Path, Encoding.UTF8.GetBytes(i.FieldRef is { } field
            ? PodFields.Value(of.Pod, field.FieldPath, of.Address)
            : PodFields.Value(of.Pod, of.Pod.Spec.Containers[0], i.ResourceFieldRef, of.Allocatable)), Mode(i.Mode, mode))),
    ];

    private static List<ProjectedFile> Chosen(string source, IReadOnlyDictionary<string, byte[]>? content, IList<V1KeyToPath>? items, bool? optional, int? mode, UnixFileMode most)
    {
        if (content is null && optional != true) throw new VolumeException($"{source} not found");
        if (items is not { Count: > 0 }) return [.. (content ?? new Dictionary<string, byte[]>()).Select(p => new ProjectedFile(p.Key, p.Value, Mode(null, mode) & most))];
        var chosen = new List<ProjectedFile>();
        foreach (var item in items)
        {
            if (content?.TryGetValue(item.Key, out var bytes) == true) chosen.Add(new(item.Path, bytes, Mode(item.Mode, mode) & most));
            else if (optional != true) throw new VolumeException($"{source} has no key {item.Key}");
        }

        return chosen;
    }

    private static UnixFileMode Mode(int? own, int? ofAll) => (UnixFileMode)(own ?? ofAll ?? DefaultMode);
}
