using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmKube.Operator.Engine.Api;

/// <summary>A map of few entries in an array of just their number, as labels, selectors and quantities are: a dictionary of them takes three times the room.</summary>
internal sealed class SmallMap<TValue>(KeyValuePair<string, TValue>[] entries) : IDictionary<string, TValue>
{
    private KeyValuePair<string, TValue>[] _entries = entries;

    public int Count => _entries.Length;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => Array.ConvertAll(_entries, e => e.Key);

    public ICollection<TValue> Values => Array.ConvertAll(_entries, e => e.Value);

    public TValue this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The key {key} is not in the map.");
        set
        {
            var entry = KeyValuePair.Create(key, value);
            if (IndexOf(key) is >= 0 and var at) _entries[at] = entry;
            else _entries = [.. _entries, entry];
        }
    }

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, out TValue value)
    {
        var at = IndexOf(key);
        value = at < 0 ? default! : _entries[at].Value;
        return at >= 0;
    }

    public void Add(string key, TValue value)
    {
        if (ContainsKey(key)) throw new ArgumentException($"The key {key} is in the map already.", nameof(key));
        this[key] = value;
    }

    public bool Remove(string key)
    {
        var at = IndexOf(key);
        if (at >= 0) _entries = [.. _entries[..at], .. _entries[(at + 1)..]];
        return at >= 0;
    }

    public void Clear() => _entries = [];

    public IEnumerator<KeyValuePair<string, TValue>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, TValue>>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void ICollection<KeyValuePair<string, TValue>>.Add(KeyValuePair<string, TValue> item) => Add(item.Key, item.Value);

    bool ICollection<KeyValuePair<string, TValue>>.Contains(KeyValuePair<string, TValue> item) => _entries.Contains(item);

    void ICollection<KeyValuePair<string, TValue>>.CopyTo(KeyValuePair<string, TValue>[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    bool ICollection<KeyValuePair<string, TValue>>.Remove(KeyValuePair<string, TValue> item) => _entries.Contains(item) && Remove(item.Key);

    private int IndexOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Array.FindIndex(_entries, e => e.Key == key);
    }
}

/// <summary>Decodes maps: those of few entries as a <see cref="SmallMap{TValue}"/>.</summary>
internal sealed class SmallMaps<TValue> : JsonConverter<IDictionary<string, TValue>>
{
    // More are found faster in a dictionary.
    private const int Most = 16;

    public override IDictionary<string, TValue> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var entries = JsonSerializer.Deserialize<Dictionary<string, TValue>>(ref reader, options)!;
        return entries.Count > Most ? entries : new SmallMap<TValue>([.. entries]);
    }

    public override void Write(Utf8JsonWriter writer, IDictionary<string, TValue> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (key, of) in value)
        {
            writer.WritePropertyName(key);
            JsonSerializer.Serialize(writer, of, options);
        }

        writer.WriteEndObject();
    }
}
