using k8s.Models;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>Builds the container that fetches, in a Job or before a server: this program's own image, with as few rights as it can do with.</summary>
internal static class FetchContainer
{
    /// <summary>Its name.</summary>
    public const string Name = "fetch";

    /// <summary>Who it is. Any id but root's will do; volumes are made readable and writable for it as for a group.</summary>
    public const long User = 65532;

    /// <summary>The container.</summary>
    /// <param name="image">This program's image.</param>
    /// <param name="verb">What it is to do.</param>
    /// <param name="path">The path of the file that is served, below the mount of the cache.</param>
    /// <param name="inputs">What it is told and given.</param>
    /// <param name="options">How the operator was started.</param>
    /// <param name="isReadOnly">True: nothing is to be written to the cache.</param>
    public static V1Container Build(string image, string verb, string path, FetchInputs inputs, OperatorOptions options, bool isReadOnly = false) => new()
    {
        Name = Name,
        Image = image,
        Args = [verb, "--target", ContainerText.Literal(path), "--termination-log", TerminationMessage.DefaultPath, .. inputs.Arguments.Select(ContainerText.Literal)],
        Env =
        [
            .. inputs.Variables.Select(v => new V1EnvVar { Name = v.Name, Value = ContainerText.Literal(v.Value) }),

            // Diagnostics would need a writable file system.
            new V1EnvVar { Name = "DOTNET_EnableDiagnostics", Value = "0" },
        ],
        Resources = new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("100m"), ["memory"] = new("128Mi") },
        },
        TerminationMessagePolicy = "FallbackToLogsOnError",
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
        VolumeMounts =
        [
            new V1VolumeMount { Name = CacheLayout.VolumeName, MountPath = options.ModelCachePath, ReadOnlyProperty = isReadOnly ? true : null },
            .. inputs.Mounts,
        ],
    };
}
