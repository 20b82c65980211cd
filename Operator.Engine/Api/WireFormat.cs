using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>The JSON of the Kubernetes API, to and from bytes.</summary>
internal static class WireFormat
{
    /// <summary>The options of the KubernetesClient package, so that both of us read and write alike; but what is read takes less room.</summary>
    public static JsonSerializerOptions Options { get; } = Capture();

    /// <summary>Decodes an object and fills in <c>apiVersion</c> and <c>kind</c>, which servers leave out of the items of lists.</summary>
    /// <exception cref="JsonException">The bytes are no object of that type.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> json, ResourceType type)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var entity = JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("The object is null.");
        if (entity.Metadata?.Name is null) throw new JsonException("The object has no metadata.name.");
        entity.ApiVersion ??= type.ApiVersion;
        entity.Kind ??= type.Kind;
        return entity;
    }

    /// <summary>A reader for what surrounds an object: as deep as an API server lets objects be (Go's limit), and as lists nest them.</summary>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> json) => new(json, new JsonReaderOptions { MaxDepth = 10_000 + 8 });

    /// <summary>Encodes anything that goes into a request.</summary>
    public static byte[] Encode(object value) => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Options);

    /// <summary>A deep copy.</summary>
    public static T Copy<T>(T entity)
        where T : IKubernetesObject<V1ObjectMeta> =>
        JsonSerializer.Deserialize<T>(Encode(entity), Options)!;

    // The package keeps its options to itself, but hands them to whoever wants to add to them.
    private static JsonSerializerOptions Capture()
    {
        JsonSerializerOptions? options = null;
        KubernetesJson.AddJsonOptions(given => options = given);
        if (options is null) throw new InvalidOperationException("KubernetesJson did not hand out its options.");
        var lean = new JsonSerializerOptions(options) { TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(FieldSet.Use) };
        lean.Converters.Insert(0, new SharedStrings());
        lean.Converters.Insert(1, new SmallMaps<string>());
        lean.Converters.Insert(2, new SmallMaps<ResourceQuantity>());
        return lean;
    }
}
