using System.Text.Json;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>One item of a list, or what could still be read of it.</summary>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Entity">The object; null if it could not be decoded.</param>
/// <param name="Error">Why not.</param>
internal readonly record struct Decoded<T>(V1ObjectMeta Metadata, T? Entity, Exception? Error)
{
    /// <summary>An exception for who asked for this very object.</summary>
    public UndecodableObjectException AsException(ResourceType type) => new(
        $"{type.Kind} {ObjectKey.Of(Metadata)} can't be decoded: {Error?.Message}", Error!);
}

/// <summary>A page of a list, decoded item by item: one that can't be decoded spoils no other.</summary>
internal sealed class ListPage<T>
    where T : IKubernetesObject<V1ObjectMeta>
{
    public V1ListMeta Metadata { get; private set; } = new();

    public List<Decoded<T>> Items { get; } = [];

    /// <summary>Decodes a response.</summary>
    /// <exception cref="JsonException">It is no list, or an item has not even metadata.</exception>
    public static ListPage<T> Parse(ReadOnlySpan<byte> json, ResourceType type)
    {
        var page = new ListPage<T>();
        var reader = WireFormat.Reader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("The list is no object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                page.Metadata = JsonSerializer.Deserialize<V1ListMeta>(ref reader, WireFormat.Options) ?? new();
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null) continue;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    page.Items.Add(ItemDecoder.Decode<T>(json[start..(int)reader.BytesConsumed], type));
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return page;
    }
}

/// <summary>Decodes an object, or failing that its metadata.</summary>
internal static class ItemDecoder
{
    /// <exception cref="JsonException">Not even the metadata can be read.</exception>
    public static Decoded<T> Decode<T>(ReadOnlySpan<byte> json, ResourceType type)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var entity = WireFormat.Decode<T>(json, type);
            return new(entity.Metadata, entity, null);
        }
#pragma warning disable CA1031 // Converters throw what they like (a date is a FormatException), and one object must not stop its whole kind.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new(Metadata(json), default, e);
        }
    }

    /// <summary>The metadata alone, whatever the rest of the object looks like.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static V1ObjectMeta Metadata(ReadOnlySpan<byte> json)
    {
        var reader = WireFormat.Reader(json);
        return JsonSerializer.Deserialize<Partial>(ref reader, WireFormat.Options)?.Metadata ?? throw new JsonException("The object has no metadata.");
    }

    private sealed class Partial
    {
        public V1ObjectMeta? Metadata { get; set; }
    }
}
