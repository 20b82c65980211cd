using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Who owns fields. An applier is the same whatever version it writes; an updater is another for each.</summary>
internal sealed record FieldManager(string Name, bool Applies, string ApiVersion, string Subresource)
{
    public static FieldManager Applier(string name, string? subresource) => new(Known(name), true, "", subresource ?? "");

    public static FieldManager Updater(string name, string apiVersion, string? subresource) => new(Known(name), false, apiVersion, subresource ?? "");

    /// <summary>As conflict messages name it.</summary>
    public override string ToString() =>
        GoText.Quote(Name)
        + (Subresource is "" ? "" : $" with subresource {GoText.Quote(Subresource)}")
        + (Applies ? "" : $" using {ApiVersion}");

    private static string Known(string name) => name is "" ? "unknown" : name;
}

/// <summary>What a manager owns.</summary>
internal sealed record ManagerEntry(FieldSet Fields, string ApiVersion, DateTimeOffset? Time);

/// <summary>The decoded metadata.managedFields of one object.</summary>
internal sealed class ManagerBook
{
    /// <summary>More updaters than this are merged into one, oldest first.</summary>
    private const int MostUpdaters = 10;

    private readonly Dictionary<FieldManager, ManagerEntry> _entries = [];

    public bool IsEmpty => _entries.Count is 0;

    public IReadOnlyDictionary<FieldManager, ManagerEntry> Entries => _entries;

    public ManagerEntry? this[FieldManager manager]
    {
        get => _entries.GetValueOrDefault(manager);
        set
        {
            if (value is null or { Fields.IsEmpty: true })
            {
                _entries.Remove(manager);
            }
            else
            {
                _entries[manager] = value;
            }
        }
    }

    /// <summary>Null when an entry can't be read; an absent list is an empty book.</summary>
    public static ManagerBook? Read(JsonNode? managedFields)
    {
        var book = new ManagerBook();
        foreach (var entry in managedFields as JsonArray ?? [])
        {
            if (entry is not JsonObject fields || !book.TryRead(fields))
            {
                return null;
            }
        }

        return book;
    }

    public ManagerBook Copy()
    {
        var copy = new ManagerBook();
        foreach (var (manager, entry) in _entries)
        {
            copy._entries[manager] = entry;
        }

        return copy;
    }

    public void Replace(FieldManager manager, Func<FieldSet, FieldSet> change)
    {
        var entry = _entries[manager];
        this[manager] = entry with { Fields = change(entry.Fields) };
    }

    /// <summary>Keeps the list short: the oldest updaters of a version become one.</summary>
    public void CapUpdaters()
    {
        var updaters = _entries.Where(entry => !entry.Key.Applies)
            .OrderBy(entry => entry.Value.Time?.ToUnixTimeSeconds() ?? 0)
            .ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Select(entry => entry.Key).ToList();
        var surplus = updaters.Count - MostUpdaters;
        var first = new Dictionary<string, FieldManager>();
        foreach (var manager in updaters)
        {
            if (surplus <= 0)
            {
                return;
            }

            var version = _entries[manager].ApiVersion;
            if (!first.TryAdd(version, manager))
            {
                var bucket = FieldManager.Updater("ancient-changes", version, null);
                if (first[version] != bucket && this[bucket] is null)
                {
                    this[bucket] = _entries[first[version]];
                    _entries.Remove(first[version]);
                }

                this[bucket] = _entries[manager] with { Fields = _entries[manager].Fields.Union(_entries[bucket].Fields) };
                _entries.Remove(manager);
                surplus--;
            }
        }
    }

    /// <summary>The list as the object holds it: appliers first, then by time, name, version and subresource. Null when empty.</summary>
    public JsonArray? ToJson()
    {
        var ordered = _entries
            .OrderBy(entry => entry.Key.Applies ? 0 : 1)
            .ThenBy(entry => entry.Value.Time?.ToUnixTimeSeconds() ?? 0)
            .ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .ThenBy(entry => entry.Value.ApiVersion, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Subresource, StringComparer.Ordinal);
        return IsEmpty ? null : [.. ordered.Select(entry => Write(entry.Key, entry.Value))];
    }

    private static JsonObject Write(FieldManager manager, ManagerEntry entry)
    {
        var json = new JsonObject
        {
            ["manager"] = manager.Name,
            ["operation"] = manager.Applies ? "Apply" : "Update",
            ["apiVersion"] = entry.ApiVersion,
        };
        if (entry.Time is { } time)
        {
            json["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        json["fieldsType"] = "FieldsV1";
        json["fieldsV1"] = entry.Fields.ToJson();
        if (manager.Subresource is not "")
        {
            json["subresource"] = manager.Subresource;
        }

        return json;
    }

    private bool TryRead(JsonObject entry)
    {
        var operation = entry["operation"].AsText();
        if (operation is not ("Apply" or "Update")
            || entry["apiVersion"].AsText() is not { Length: > 0 } apiVersion
            || entry["fieldsType"].AsText() is not "FieldsV1")
        {
            return false;
        }

        var name = entry["manager"].AsText() ?? "";
        var subresource = entry["subresource"].AsText() ?? "";
        var manager = new FieldManager(name, operation is "Apply", operation is "Apply" ? "" : apiVersion, subresource);
        try
        {
            _entries[manager] = new(FieldSet.Parse(entry["fieldsV1"] as JsonObject ?? []), apiVersion, ReadTime(entry["time"].AsText()));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static DateTimeOffset? ReadTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
