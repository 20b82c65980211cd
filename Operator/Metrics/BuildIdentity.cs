using System.Reflection;

namespace LlmKube.Operator.Metrics;

/// <summary>Which build of the operator this is.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Revision">The commit that it was built from; <c>unknown</c> outside of a repository.</param>
/// <param name="Dotnet">The .NET that runs it.</param>
internal sealed record BuildIdentity(string Version, string Revision, string Dotnet)
{
    /// <summary>This program.</summary>
    public static BuildIdentity Current { get; } = Of(
        typeof(BuildIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "", $"{Environment.Version}");

    /// <summary>From what the compiler was told: <c>1.2.3+commit</c>.</summary>
    public static BuildIdentity Of(string informationalVersion, string dotnet) => informationalVersion.Split('+', 2) switch
    {
        [{ Length: > 0 } version, { Length: > 0 } revision] => new(version, revision, dotnet),
        [{ Length: > 0 } version, ..] => new(version, "unknown", dotnet),
        _ => new("unknown", "unknown", dotnet),
    };
}
