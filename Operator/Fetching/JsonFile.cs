using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmKube.Operator.Fetching;

/// <summary>The small JSON files beside an artefact.</summary>
internal static class JsonFile
{
    /// <summary>What the name of a file that is being written adds to its own.</summary>
    public const string UnfinishedSuffix = ".new";

    /// <summary>camelCase, absent instead of null, non-ASCII as it is.</summary>
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads a file; null if it is absent or not what it should be.</summary>
    public static T? TryRead<T>(string path) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Format);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes a file so that it is there whole or not at all, whatever happens.</summary>
    public static void Write<T>(string path, T content)
    {
        var whole = path + UnfinishedSuffix;
        using (var file = new FileStream(whole, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, content, Format);
            file.Flush(flushToDisk: true);
        }

        File.Move(whole, path, overwrite: true);
        Durable.SyncFolderOf(path);
    }
}
