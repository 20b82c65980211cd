using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>What the fetch of a source is told and given beside its place: arguments, and what is mounted for it. No secret is among the arguments, which everybody sees.</summary>
/// <param name="Arguments">For the verb <c>download</c>, as it is to read them.</param>
/// <param name="Mounts">In its container.</param>
/// <param name="Volumes">In its pod.</param>
/// <param name="Variables">In its environment, as it is to find them.</param>
internal sealed record FetchInputs(IReadOnlyList<string> Arguments, IReadOnlyList<V1VolumeMount> Mounts, IReadOnlyList<V1Volume> Volumes, IReadOnlyList<V1EnvVar> Variables)
{
    /// <summary>Stands before each hash that a fetch may come to; without any it may come to all.</summary>
    public const string ExpectFlag = "--expect-sha256";

    private const string CredentialsVolume = "credentials";
    private const string CredentialsPath = "/etc/llmkube/credentials";
    private const string AuthoritiesVolume = "authorities";
    private const string AuthoritiesPath = "/etc/llmkube/authorities";
    private const string LocalVolume = "source";
    private const string LocalFolder = "/source";

    // The owner and group may read, octal 0440: the pod's group is the fetch's own.
    private const int ReadableByGroup = 0b100_100_000;

    /// <summary>Those of a source. They are the same whichever of its Models looks.</summary>
    /// <param name="model">One of its Models.</param>
    /// <param name="users">All that the fetch is for.</param>
    /// <param name="source">The source.</param>
    /// <param name="options">How the operator was started.</param>
    public static FetchInputs Of(Model model, IEnumerable<Model> users, SourceAddress source, OperatorOptions options)
    {
        var (arguments, mounts, volumes) = (new List<string>(), new List<V1VolumeMount>(), new List<V1Volume>());
        List<V1EnvVar> variables = [new() { Name = DownloadCommand.SourceVariable, Value = model.Spec.Source }];
        var sound = SoundUsers(users, options);
        arguments.AddRange(FilesOf(model));
        foreach (var sha256 in ExpectedOf(sound)) Tell(ExpectFlag, sha256);
        if (source is SourceAddress.Claim)
        {
            arguments.Add("--verify-only");
            Tell("--local-path", CacheLayout.ArtifactPath(model.Spec, options.ModelCachePath));
            return new(arguments, mounts, volumes, variables);
        }

        variables.AddRange(options.Proxies.Variables.Select(p => new V1EnvVar { Name = p.Name, Value = p.Value }));
        foreach (var address in options.AllowedSourceAddresses) Tell("--allow-address", address);
        if (source is SourceAddress.HuggingFace) Tell("--hf-endpoint", options.HuggingFaceEndpoint.AbsoluteUri);

        // A Secret or ConfigMap that is not there would hold the pod up without a word. So it may be absent, and the verb says so.
        if (sound.Select(m => m.Spec.SourceSecretRef?.Name).FirstOrDefault(n => !string.IsNullOrEmpty(n)) is { } secret)
        {
            Tell("--credentials", CredentialsPath);
            Mount(CredentialsPath, new() { Name = CredentialsVolume, Secret = new() { SecretName = secret, Optional = true, DefaultMode = ReadableByGroup } });
        }

        if ((sound.Select(m => m.Spec.CaCertConfigMapRef?.Name).FirstOrDefault(n => !string.IsNullOrEmpty(n)) ?? options.CaCertConfigMap) is { } configMap)
        {
            Tell("--ca", AuthoritiesPath);
            Mount(AuthoritiesPath, new() { Name = AuthoritiesVolume, ConfigMap = new() { Name = configMap, Optional = true } });
        }

        if (source is SourceAddress.Local local) MountLocal(local);
        return new(arguments, mounts, volumes, variables);

        void MountLocal(SourceAddress.Local file)
        {
            var parts = ArtifactPlan.WholeOf(file.Path);
            Tell("--local-path", PathOf(parts[0]));
            for (var i = 0; i < parts.Count; i++)
            {
                Mount(PathOf(parts[i]), new() { Name = i == 0 ? LocalVolume : $"{LocalVolume}-{i + 1}", HostPath = new() { Path = parts[i], Type = "File" } });
            }

            string PathOf(string part) => $"{LocalFolder}/{(parts.Count == 1 ? ArtifactPlan.SingleName : Path.GetFileName(part))}";
        }

        void Tell(string flag, string value) => arguments.AddRange([flag, value]);

        void Mount(string path, V1Volume volume)
        {
            volumes.Add(volume);
            mounts.Add(new() { Name = volume.Name, MountPath = path, ReadOnlyProperty = true });
        }
    }

    /// <summary>Those of what removes a source's files.</summary>
    public static FetchInputs OfRemoval(Model model) => new([.. FilesOf(model)], [], [], []);

    // A name may begin as a flag does.
    private static IEnumerable<string> FilesOf(Model model) => (model.Spec.Files ?? []).Select(f => $"--file={f}");

    // What is mistaken in one of them must not fail the others.
    private static IReadOnlyList<Model> SoundUsers(IEnumerable<Model> users, OperatorOptions options) => [.. users.Where(m => ModelSpecValidator.Validate(m.Spec, options).Problem is null)];

    // A Model that wants none takes what comes, and each of the others judges for itself; only where nobody takes any other is another not worth to be kept.
    private static IEnumerable<string> ExpectedOf(IEnumerable<Model> users)
    {
        string?[] wanted = [.. users.Select(m => m.Spec.Sha256)];
        return wanted.Any(string.IsNullOrEmpty) ? [] : wanted.Select(w => w!.ToLowerInvariant()).Distinct();
    }
}
