using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Storage;

/// <summary>
/// One version of one object: its bytes, and the same as nodes. Shared by everyone who read it, so never
/// changed; work on a <see cref="ApiObject.Copy"/>.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonObject Nothing = [];

    // Many times as large as the bytes. Of a version in the past it is kept no longer than the collector leaves it, and read anew if need be.
    private readonly WeakReference<JsonObject> _json;
    private readonly Lazy<byte[]> _utf8;
    private volatile JsonObject? _current;

    /// <param name="key">Its key.</param>
    /// <param name="revision">The revision that it makes.</param>
    /// <param name="content">Its content, <see cref="Prepared"/>; becomes its own.</param>
    public StoredObject(string key, long revision, JsonObject content)
    {
        Key = key;
        Revision = revision;
        content.Ensure("metadata")["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        _current = content;
        _json = new(content);
        _utf8 = new(() => JsonSerializer.SerializeToUtf8Bytes(content, Wire.Options));
    }

    private StoredObject(string key)
    {
        Key = key;
        _json = new(Nothing);
        _utf8 = new([]);
    }

    /// <summary>"namespace/name", or the name alone for kinds without namespaces; the order of lists is that of keys by code point.</summary>
    public string Key { get; }

    public long Revision { get; }

    /// <summary>Written when first asked for, which <see cref="ObjectStore"/> does once its gate is free.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8.Value;

    public JsonObject Json
    {
        get
        {
            if (_json.TryGetTarget(out var known)) return known;
            var read = (JsonObject)ObjectReader.Parse(Utf8.Span)!;
            _json.SetTarget(read);
            return read;
        }
    }

    /// <summary>Tells that another version is current from now on.</summary>
    public void Outdate() => _current = null;

    /// <summary>Content as it can be stored: read back, the nodes are in one form, whoever built it, and nobody else holds them.</summary>
    public static JsonObject Prepared(JsonObject content) => (JsonObject)ObjectReader.Parse(JsonSerializer.SerializeToUtf8Bytes(content, Wire.Options))!;

    public static string KeyOf(string @namespace, string name) => @namespace.Length == 0 ? name : $"{@namespace}/{name}";

    /// <summary>A stand-in to search a sorted set with.</summary>
    public static StoredObject Probe(string key) => new(key);

    public sealed class ByKey : IComparer<StoredObject>
    {
        public static readonly ByKey Instance = new();

        public int Compare(StoredObject? x, StoredObject? y) => string.CompareOrdinal(x?.Key, y?.Key);
    }
}
