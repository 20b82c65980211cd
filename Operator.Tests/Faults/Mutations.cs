namespace LlmKube.Operator.Tests.Faults;

/// <summary>Changes that users make to the specs of Models and InferenceServices: of one or two fields, sensible or not. Some of them the API server refuses.</summary>
/// <param name="dice">Which.</param>
/// <param name="models">The Models that services refer to.</param>
internal sealed class Mutations(Random dice, IReadOnlyList<string> models)
{
    private static readonly string?[] s_quantities = [null, "1", "500m", "2Gi", "0", "-1", "1e3", "lots", "1 Gi", ""];

    /// <summary>A merge patch of a Model's spec.</summary>
    public Dictionary<string, object?> OfModel() => Some(
        ("source", () => One<object?>("https://models.example/a.gguf", "https://models.example/b.gguf?download=true", "file:///srv/c.gguf", "/srv/d.gguf", "https://models.example/readme.txt", "https://.gguf", "", 7, null)),
        ("format", () => One("gguf", "safetensors", null)),
        ("quantization", () => One(null, "Q4_K_M", new string('q', dice.Next(1, 100)))),
        ("hardware", () => Some(
            ("accelerator", () => One("cpu", "cuda", "rocm", "metal", "tpu", null)),
            ("gpu", () => Some(
                ("enabled", () => One<object?>(true, false, "yes", null)),
                ("count", () => One<object?>(dice.Next(-1, 10), null)),
                ("vendor", () => One("nvidia", "amd", "intel", "acme", null)),
                ("memory", () => One(s_quantities)),
                ("layers", () => dice.Next(-2, 50)),
                ("sharding", () => One<object?>(null, new { strategy = One("layer", "tensor", "row"), layerSplit = new[] { One("0-9", "10-19", "all") } })))))),
        ("resources", () => Some(("cpu", () => One(s_quantities)), ("memory", () => One(s_quantities)))));

    /// <summary>A merge patch of an InferenceService's spec.</summary>
    public Dictionary<string, object?> OfService() => Some(
        ("modelRef", () => One([.. models, "missing", "Not A Name", ""])),
        ("replicas", () => One<object?>(dice.Next(-1, 4), "two", 11, null)),
        ("image", () => One(null, "registry.example/llama:1", "two words", "", new string('i', 600))),
        ("endpoint", () => Some(
            ("port", () => One<object?>(0, 80, 8080, 65536, null)),
            ("path", () => One("/v1", "no slash", "/", null)),
            ("type", () => One("ClusterIP", "NodePort", "LoadBalancer", "ExternalName", null)))),
        ("resources", () => Some(("gpu", () => dice.Next(-1, 10)), ("cpu", () => One(s_quantities)), ("memory", () => One(s_quantities)))),
        ("tolerations", () => One<object?>(null, new[] { new { key = One("gpu", "", "not a key!"), @operator = One("Exists", "Equal", "Near"), effect = One("NoSchedule", "Never", "") } })),
        ("nodeSelector", () => One<object?>(null, new Dictionary<string, string> { [One("zone", "a/b/c", "")] = One("here", "not valid!", "") })),
        ("contextSize", () => One<object?>(1, 2048, 131073, null)),
        ("parallelSlots", () => One<object?>(0, 1, 4, 65, null)),
        ("flashAttention", () => One<object?>(true, false, null)),
        ("jinja", () => One<object?>(true, false, null)),
        ("priority", () => One("critical", "normal", "batch", "urgent", null)),
        ("priorityClassName", () => One(null, "llmkube-low", "missing", "Not A Name", "")));

    private T One<T>(params T[] of) => of[dice.Next(of.Length)];

    // One or two of the fields.
    private Dictionary<string, object?> Some(params (string Name, Func<object?> Value)[] fields)
    {
        dice.Shuffle(fields);
        return fields.Take(dice.Next(1, 3)).ToDictionary(f => f.Name, f => f.Value());
    }
}
