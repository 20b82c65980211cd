using System.Text;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A pod's volumes as folders and files of this machine. Nothing keeps a process from writing to one that is mounted read-only.</summary>
internal sealed class PodVolumes(PodObjects objects)
{
    /// <summary>Makes what is missing.</summary>
    /// <param name="pod">Whose volumes.</param>
    /// <param name="folder">Where those that live as long as the pod are made.</param>
    /// <param name="address">The pod's address.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The path of each volume, by its name.</returns>
    /// <exception cref="PodSetupException">One can't be had now.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(V1Pod pod, string folder, string address, CancellationToken cancellation)
    {
        var paths = new Dictionary<string, string>();
        foreach (var volume in pod.Spec.Volumes ?? []) paths[volume.Name] = await PathOfAsync(pod, volume, Path.Combine(folder, volume.Name), address, cancellation);
        return paths;
    }

    private async Task<string> PathOfAsync(V1Pod pod, V1Volume volume, string own, string address, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        switch (volume)
        {
            case { PersistentVolumeClaim: { } claim }:
                var path = objects.FolderOf(ns, claim.ClaimName) ?? throw PodSetupException.Mount(volume.Name, $"claim {claim.ClaimName} has no volume that is a folder of this machine");
                return Directory.CreateDirectory(path).FullName;
            case { EmptyDir: not null }:
                return Directory.CreateDirectory(own).FullName;
            case { HostPath: { } host }:
                return HostPath(volume.Name, host);
            case { ConfigMap: { } map }:
                var texts = await objects.ConfigMapAsync(ns, map.Name, cancellation);
                return Write(volume.Name, own, Chosen(volume.Name, $"configmap \"{map.Name}\"", texts, map.Items, map.Optional == true));
            case { Secret: { } secret }:
                var secrets = await objects.SecretAsync(ns, secret.SecretName, cancellation);
                return Write(volume.Name, own, Chosen(volume.Name, $"secret \"{secret.SecretName}\"", secrets, secret.Items, secret.Optional == true));
            case { DownwardAPI: { } downward }:
                return Write(volume.Name, own, (downward.Items ?? []).ToDictionary(i => i.Path, i => Encoding.UTF8.GetBytes(Downward(pod, i, address))));
            default:
                throw PodSetupException.Mount(volume.Name, "this node has emptyDir, persistentVolumeClaim, hostPath, configMap, secret and downwardAPI only");
        }
    }

    private static string Downward(V1Pod pod, V1DownwardAPIVolumeFile item, string address) => item.FieldRef is { } field
        ? PodFields.Value(pod, field.FieldPath, address)
        : PodFields.Value(pod, pod.Spec.Containers[0], item.ResourceFieldRef);

    private static string HostPath(string volume, V1HostPathVolumeSource host)
    {
        var wrong = host.Type switch
        {
            "DirectoryOrCreate" => Directory.CreateDirectory(host.Path) is null ? "" : null,
            "Directory" => Directory.Exists(host.Path) ? null : "is not a directory",
            "File" => File.Exists(host.Path) ? null : "is not a file",
            _ => Path.Exists(host.Path) ? null : "does not exist",
        };
        return wrong is null ? host.Path : throw PodSetupException.Mount(volume, $"hostPath type check failed: {host.Path} {wrong}");
    }

    private static Dictionary<string, byte[]> Chosen(string volume, string source, IReadOnlyDictionary<string, byte[]>? content, IList<V1KeyToPath>? items, bool optional)
    {
        if (content is null && !optional) throw PodSetupException.Mount(volume, $"{source} not found");
        if (items is not { Count: > 0 }) return new(content ?? new Dictionary<string, byte[]>());
        var chosen = new Dictionary<string, byte[]>();
        foreach (var item in items)
        {
            if (content?.TryGetValue(item.Key, out var bytes) == true) chosen[item.Path] = bytes;
            else if (!optional) throw PodSetupException.Mount(volume, $"{source} has no key {item.Key}");
        }

        return chosen;
    }

    private static string Write(string volume, string folder, Dictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, content) in files)
        {
            var path = Within(folder, name) ?? throw PodSetupException.Mount(volume, $"{name} leads out of the volume");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            PrivateFile.Write(path, content);
        }

        return folder;
    }

    /// <returns>The path of something in a folder; null if it would be outside.</returns>
    public static string? Within(string folder, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(folder, relative));
        return path == folder || path.StartsWith(folder.TrimEnd('/') + '/', StringComparison.Ordinal) ? path : null;
    }
}
