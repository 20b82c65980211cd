using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Where the builds of the server come from. This is the one place that knows.</summary>
internal sealed partial record ServerImages
{
    /// <summary>The registry and path of llama.cpp's own images.</summary>
    public const string Upstream = "ghcr.io/ggml-org";

    /// <summary>llama.cpp's own images.</summary>
    public static ServerImages Default { get; } = new();

    /// <summary>What stands for <see cref="Upstream"/>, such as <c>registry.example/mirror</c>.</summary>
    public string Mirror { get; init; } = Upstream;

    /// <summary>The images of some builds by name, with a tag or digest of the administrator's choice.</summary>
    public IReadOnlyDictionary<string, string> Chosen { get; init; } = new Dictionary<string, string>();

    /// <summary>These, with an image for a build that has none yet.</summary>
    /// <returns>Null if it has one.</returns>
    public ServerImages? With(string build, string image) =>
        Chosen.ContainsKey(build) ? null : this with { Chosen = new Dictionary<string, string>(Chosen) { [build] = image } };

    /// <summary>The image of a build, one of <see cref="ServerBuilds"/>.</summary>
    public string Of(string build) => Chosen.TryGetValue(build, out var image) ? image : $"{Mirror}/llama.cpp:server{Suffix(build)}";

    /// <summary>
    /// The image for a server. One that is for CPUs would serve a GPU request silently on CPUs: of the user's own choice, wherever it is mirrored, the same version for the GPU is taken, and
    /// where that can't be known from its name, the usual image.
    /// </summary>
    /// <param name="named">What the user names.</param>
    /// <param name="gpu">The GPUs of the pod; null: none.</param>
    public string For(string? named, GpuRequest? gpu)
    {
        var build = gpu?.Build ?? ServerBuilds.Cpu;
        if (named is null or "" or InferenceServiceDefaults.Image || named == Of(ServerBuilds.Cpu)) return Of(build);
        if (gpu is null || ForCpus().Match(named) is not { Success: true } match) return named;
        return match.Groups["digest"].Success ? Of(build) : $"{match.Groups["repository"]}:server{Suffix(build)}{match.Groups["version"]}";
    }

    private static string Suffix(string build) => build == ServerBuilds.Cpu ? "" : $"-{build}";

    // llama.cpp's tags: server, server-b4719, server-cuda, server-cuda-b4719 and so on.
    [GeneratedRegex(@"^(?<repository>([^@]*/)?llama\.cpp):server(?<version>-b[0-9]+)?(?<digest>@.*)?\z")]
    private static partial Regex ForCpus();
}
