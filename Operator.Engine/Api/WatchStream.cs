using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Item">The object; of a bookmark only the resource version counts.</param>
/// <param name="Error">The server's words, of <see cref="WatchEventType.Error"/> only.</param>
internal readonly record struct WatchEvent<T>(WatchEventType Type, Decoded<T> Item, V1Status? Error);

/// <summary>Reads the lines of a watch.</summary>
internal static class WatchStream
{
    // An etcd value is limited to a few megabytes; a line that grows past this is no event.
    private const int LongestLine = 64 << 20;

    /// <summary>The events, until the server closes the stream.</summary>
    /// <exception cref="JsonException">A line is no event.</exception>
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream stream, ResourceType type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var reader = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                var buffer = result.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    if (!line.IsEmpty) yield return Parse<T>(line, type);
                }

                if (result.IsCompleted)
                {
                    // What is left has no end: the connection broke within an event.
                    if (!buffer.IsEmpty) throw new EndOfStreamException("The watch ended within an event.");
                    yield break;
                }

                if (buffer.Length > LongestLine) throw new JsonException($"A watch event is longer than {LongestLine} bytes.");
                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static WatchEvent<T> Parse<T>(ReadOnlySequence<byte> line, ResourceType type)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        if (line.IsSingleSegment) return Parse<T>(line.FirstSpan, type);
        var length = (int)line.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            line.CopyTo(rented);
            return Parse<T>(rented.AsSpan(0, length), type);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static WatchEvent<T> Parse<T>(ReadOnlySpan<byte> line, ResourceType type)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        WatchEventType? eventType = null;
        ReadOnlySpan<byte> item = default;
        var reader = WireFormat.Reader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A watch event is no object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                eventType = TypeOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                item = line[start..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return eventType switch
        {
            WatchEventType.Error => new(WatchEventType.Error, default, JsonSerializer.Deserialize<V1Status>(item, WireFormat.Options)),
            WatchEventType.Bookmark => new(WatchEventType.Bookmark, new(ItemDecoder.Metadata(item), default, null), null),
            { } change => new(change, ItemDecoder.Decode<T>(item, type), null),
            null => throw new JsonException("A watch event has no type."),
        };
    }

    private static WatchEventType TypeOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("ADDED"u8)) return WatchEventType.Added;
        if (reader.ValueTextEquals("MODIFIED"u8)) return WatchEventType.Modified;
        if (reader.ValueTextEquals("DELETED"u8)) return WatchEventType.Deleted;
        if (reader.ValueTextEquals("BOOKMARK"u8)) return WatchEventType.Bookmark;
        if (reader.ValueTextEquals("ERROR"u8)) return WatchEventType.Error;
        throw new JsonException($"A watch event has the unknown type {reader.GetString()}.");
    }
}
