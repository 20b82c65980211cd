using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;

/// <summary>A pod's spec as the checks look at it, and how they speak of its containers.</summary>
internal sealed class PodSecurityView(JsonObject spec)
{
    public JsonObject Spec { get; } = spec;

    /// <summary>The pod's own security context; empty if it has none.</summary>
    public JsonObject Context { get; } = ContextOf(spec);

    /// <summary>All containers, those that run first included.</summary>
    public IReadOnlyList<JsonObject> Containers { get; } = [.. spec.Objects("initContainers"), .. spec.Objects("containers"), .. spec.Objects("ephemeralContainers")];

    /// <summary>All security contexts, the pod's first.</summary>
    public IEnumerable<JsonObject> Contexts => [Context, .. Containers.Select(ContextOf)];

    /// <summary>A seccomp profile that both levels forbid; null: there is none.</summary>
    public string? WrongSeccomp => Setters(c => SeccompOf(c) is not null) is { } setters
        ? $"seccompProfile ({setters} must not set securityContext.seccompProfile.type to {Quoted(Contexts.Select(SeccompOf))})"
        : null;

    /// <summary>The security context of a pod or container; empty if it has none.</summary>
    public static JsonObject ContextOf(JsonObject of) => of["securityContext"] as JsonObject ?? [];

    /// <summary>The containers of which something holds, such as <c>containers "a", "b"</c>; null: of none.</summary>
    public string? Named(Func<JsonObject, bool> holds)
    {
        string[] names = [.. Containers.Where(holds).Select(c => c.Text("name") ?? "")];
        return names.Length == 0 ? null : $"{(names.Length == 1 ? "container" : "containers")} {Listed(names)}";
    }

    /// <summary>Whose security contexts something holds of, such as <c>pod and container "a"</c>; null: of none.</summary>
    public string? Setters(Func<JsonObject, bool> holds)
    {
        string[] setters = [.. ((string?[])[holds(Context) ? "pod" : null, Named(c => holds(ContextOf(c)))]).OfType<string>()];
        return setters.Length == 0 ? null : string.Join(" and ", setters);
    }

    /// <summary>Which containers add capabilities that are forbidden; null: none does.</summary>
    public string? Adding(Func<string, bool> isForbidden) =>
        Named(c => AddedBy(c).Any(isForbidden)) is { } named
            ? $"{named} must not include {Quoted(Containers.SelectMany(AddedBy).Where(isForbidden))} in securityContext.capabilities.add"
            : null;

    /// <summary>True if <see cref="Named"/> has named a single container.</summary>
    public static bool IsOne(string named) => named.StartsWith("container ", StringComparison.Ordinal);

    /// <summary>Values, sorted and each once.</summary>
    public static string Quoted(IEnumerable<string?> values) => Listed(values.OfType<string>().Distinct().Order(StringComparer.Ordinal));

    /// <summary>Values in their order.</summary>
    public static string Listed(IEnumerable<string> values) => string.Join(", ", values.Select(v => $"\"{v}\""));

    private static IReadOnlyList<string> AddedBy(JsonObject container) => container.Texts("securityContext", "capabilities", "add");

    private static string? SeccompOf(JsonObject context) => context.Text("seccompProfile", "type") is { } type and not ("RuntimeDefault" or "Localhost") ? type : null;
}
