using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A pod's volumes as folders of this machine. Nothing keeps a process from writing to one that is mounted read-only.</summary>
internal sealed class PodVolumes(PodObjects objects, ProjectedFiles projected)
{
    /// <summary>Makes what is missing.</summary>
    /// <param name="of">The pod, and where those of its volumes are made that live as long as it does.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The path of each volume, by its name.</returns>
    /// <exception cref="PodSetupException">One can't be had now.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(VolumeContext of, CancellationToken cancellation)
    {
        var paths = new Dictionary<string, string>();
        foreach (var volume in of.Pod.Spec.Volumes ?? [])
        {
            try
            {
                paths[volume.Name] = await PathOfAsync(of, volume, Path.Combine(of.Folder, volume.Name), cancellation);
            }
            catch (VolumeException e)
            {
                throw PodSetupException.Mount(volume.Name, e.Message);
            }
        }

        return paths;
    }

    /// <returns>The path of something in a folder; null if it would be outside.</returns>
    public static string? Within(string folder, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(folder, relative));
        return path == folder || path.StartsWith(folder.TrimEnd('/') + '/', StringComparison.Ordinal) ? path : null;
    }

    private async Task<string> PathOfAsync(VolumeContext of, V1Volume volume, string own, CancellationToken cancellation)
    {
        switch (volume)
        {
            case { PersistentVolumeClaim: { } claim }:
                var path = objects.FolderOf(of.Pod.Metadata.NamespaceProperty, claim.ClaimName) ?? throw new VolumeException($"claim {claim.ClaimName} has no volume that is a folder of this machine");
                return Directory.CreateDirectory(path).FullName;
            case { EmptyDir: not null }:
                return Directory.CreateDirectory(own).FullName;
            case { HostPath: { } host }:
                return HostPath(host);
            default:
                var files = await projected.OfAsync(of, volume, cancellation) ?? throw new VolumeException("this node has emptyDir, persistentVolumeClaim, hostPath, configMap, secret, downwardAPI and projected only");
                return Write(own, files);
        }
    }

    private static string HostPath(V1HostPathVolumeSource host)
    {
        var wrong = host.Type switch
        {
            "DirectoryOrCreate" => Directory.CreateDirectory(host.Path) is null ? "" : null,
            "Directory" => Directory.Exists(host.Path) ? null : "is not a directory",
            "File" => File.Exists(host.Path) ? null : "is not a file",
            _ => Path.Exists(host.Path) ? null : "does not exist",
        };
        return wrong is null ? host.Path : throw new VolumeException($"hostPath type check failed: {host.Path} {wrong}");
    }

    private static string Write(string folder, IEnumerable<ProjectedFile> files)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in files)
        {
            var path = Within(folder, file.Path) ?? throw new VolumeException($"{file.Path} leads out of the volume");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Access.PrivateFile.Write(path, file.Content, file.Mode);
        }

        return folder;
    }
}

/// <summary>For whom a volume is made.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Folder">Where its own volumes are.</param>
/// <param name="Address">Its address.</param>
/// <param name="Allocatable">What its node can give.</param>
internal sealed record VolumeContext(V1Pod Pod, string Folder, string Address, IReadOnlyDictionary<string, string> Allocatable);

/// <summary>A volume can't be had now.</summary>
internal sealed class VolumeException(string message) : Exception(message);
