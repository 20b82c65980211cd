using k8s.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// The one place where a server may write, since its image can't be written to: <c>/tmp</c>, and as its home the place for what GPU drivers compile and keep (CUDA's
/// <c>~/.nv</c>; <c>~/.cache</c> of Mesa, ROCm and Intel's runtime).
/// </summary>
internal static class Scratch
{
    /// <summary>The pod volume's name.</summary>
    public const string VolumeName = "scratch";

    /// <summary>Where it is in the server's container.</summary>
    public const string Path = "/tmp";

    // A pod that outgrows it is evicted. Each driver keeps its cache below one or two gibibytes by itself.
    private const string Limit = "4Gi";

    /// <summary>The pod volume.</summary>
    public static V1Volume Volume => new() { Name = VolumeName, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity(Limit) } };

    /// <summary>Its mount in the server's container.</summary>
    public static V1VolumeMount Mount => new() { Name = VolumeName, MountPath = Path };

    /// <summary>The variable that makes it the server's home; a user id without a name has none.</summary>
    public static V1EnvVar Home => new() { Name = "HOME", Value = Path };
}
