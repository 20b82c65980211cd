using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>What the fetch of a source is told and given beside its place: arguments, and what is mounted for it. No secret is among the arguments, which everybody sees.</summary>
/// <param name="Arguments">For the verb <c>download</c>.</param>
/// <param name="Mounts">In its container.</param>
/// <param name="Volumes">In its pod.</param>
internal sealed record FetchInputs(IReadOnlyList<string> Arguments, IReadOnlyList<V1VolumeMount> Mounts, IReadOnlyList<V1Volume> Volumes)
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
    /// <param name="seen">The snapshot of one of its Models.</param>
    /// <param name="source">The source.</param>
    public static FetchInputs Of(ModelSnapshot seen, SourceAddress source)
    {
        var (arguments, mounts, volumes) = (new List<string>(), new List<V1VolumeMount>(), new List<V1Volume>());
        var sound = SoundUsers(seen);
        arguments.AddRange(FilesOf(seen.Model));
        foreach (var sha256 in ExpectedOf(sound)) Tell(ExpectFlag, sha256);
        foreach (var address in seen.Options.AllowedSourceAddresses) Tell("--allow-address", address);
        if (source is SourceAddress.HuggingFace) Tell("--hf-endpoint", seen.Options.HuggingFaceEndpoint.AbsoluteUri);

        // A Secret or ConfigMap that is not there would hold the pod up without a word. So it may be absent, and the verb says so.
        if (sound.Select(m => m.Spec.SourceSecretRef?.Name).FirstOrDefault(n => !string.IsNullOrEmpty(n)) is { } secret)
        {
            Tell("--credentials", CredentialsPath);
            Mount(CredentialsPath, new() { Name = CredentialsVolume, Secret = new() { SecretName = secret, Optional = true, DefaultMode = ReadableByGroup } });
        }

        if ((sound.Select(m => m.Spec.CaCertConfigMapRef?.Name).FirstOrDefault(n => !string.IsNullOrEmpty(n)) ?? seen.Options.CaCertConfigMap) is { } configMap)
        {
            Tell("--ca", AuthoritiesPath);
            Mount(AuthoritiesPath, new() { Name = AuthoritiesVolume, ConfigMap = new() { Name = configMap, Optional = true } });
        }

        if (source is SourceAddress.Local local) MountLocal(local);
        return new(arguments, mounts, volumes);

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

    /// <summary>The files of a repository, for the verbs. A name may begin as a flag does.</summary>
    public static IEnumerable<string> FilesOf(Model model) => (model.Spec.Files ?? []).Select(f => $"--file={f}");

    // What is mistaken in one of them must not fail the others.
    private static IReadOnlyList<Model> SoundUsers(ModelSnapshot seen) => [.. seen.Users.Where(m => ModelSpecValidator.Validate(m.Spec, seen.Options).Problem is null)];

    // A Model that wants none takes what comes, and each of the others judges for itself; only where nobody takes any other is another not worth to be kept.
    private static IEnumerable<string> ExpectedOf(IEnumerable<Model> users)
    {
        string?[] wanted = [.. users.Select(m => m.Spec.Sha256)];
        return wanted.Any(string.IsNullOrEmpty) ? [] : wanted.Select(w => w!.ToLowerInvariant()).Distinct();
    }
}
