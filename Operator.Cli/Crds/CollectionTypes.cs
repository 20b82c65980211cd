using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>What collections hold.</summary>
internal static class CollectionTypes
{
    /// <summary>The type of a dictionary's values; null if the type is no dictionary.</summary>
    public static Type? DictionaryValue(Type type, string path)
    {
        var pair = Enumerated(type);
        if (pair is not { IsGenericType: true } || pair.GetGenericTypeDefinition().FullName != "System.Collections.Generic.KeyValuePair`2") return null;
        var (key, value) = (pair.GetGenericArguments()[0], pair.GetGenericArguments()[1]);
        return key.FullName == "System.String" || key.IsEnum
            ? value
            : throw new CliException($"{path}: the keys of a dictionary are text in JSON, not {key.Name}");
    }

    /// <summary>The type of a list's elements; null if the type is no list.</summary>
    public static Type? Element(Type type) => ScalarTypes.SchemaOf(type) is null ? Enumerated(type) : null;

    public static bool IsSet(Type type) =>
        type.GetInterfaces().Append(type).Any(i => i.IsGenericType && i.GetGenericTypeDefinition().FullName is "System.Collections.Generic.ISet`1" or "System.Collections.Generic.IReadOnlySet`1");

    private static Type? Enumerated(Type type) =>
        type.IsArray
            ? type.GetElementType()
            : type.GetInterfaces().Append(type)
                .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition().FullName == "System.Collections.Generic.IEnumerable`1")
                ?.GetGenericArguments()[0];
}
