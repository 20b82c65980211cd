using System.Globalization;

namespace LlmKube.Operator.LocalCluster.ApiServer.Protobuf;

/// <summary>One field of a message.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">A scalar's word, or the name of a message.</param>
/// <param name="IsInline">The message's fields lie in the surrounding object in JSON.</param>
/// <param name="TellsZero">A zero was meant; otherwise it means that nothing was said.</param>
internal sealed record ProtobufField(string Name, string Type, bool IsInline, bool TellsZero, bool IsList, bool IsMap);

/// <summary>The messages of Kubernetes' API, from an embedded table.</summary>
internal static class ProtobufMessages
{
    private static readonly Lazy<Dictionary<string, Dictionary<int, ProtobufField>>> Messages = new(Read);

    public static IReadOnlyDictionary<int, ProtobufField>? Find(string message) => Messages.Value.GetValueOrDefault(message);

    /// <summary>The message of a kind, such as apps/v1.Deployment.</summary>
    public static string Name(string apiVersion, string kind)
    {
        var parts = apiVersion.Split('/');
        return parts.Length == 1 ? $"core/{apiVersion}.{kind}" : $"{parts[0].Split('.')[0]}/{parts[1]}.{kind}";
    }

    private static Dictionary<string, Dictionary<int, ProtobufField>> Read()
    {
        using var stream = typeof(ProtobufMessages).Assembly.GetManifestResourceStream("protobuf-messages.txt")!;
        using var reader = new StreamReader(stream);
        var messages = new Dictionary<string, Dictionary<int, ProtobufField>>(StringComparer.Ordinal);
        Dictionary<int, ProtobufField> current = [];
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            if (line[0] != ' ')
            {
                messages[line] = current = [];
                continue;
            }

            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            current[int.Parse(parts[0], CultureInfo.InvariantCulture)] = Field(parts[1], parts[2]);
        }

        return messages;
    }

    private static ProtobufField Field(string name, string type)
    {
        var (zero, map) = (type.StartsWith('*'), type.StartsWith("{}", StringComparison.Ordinal));
        type = type.TrimStart('*');
        if (map) type = type[2..];
        var list = type.StartsWith("[]", StringComparison.Ordinal);
        return new(name, list ? type[2..] : type, name == "+", zero, list, map);
    }
}
