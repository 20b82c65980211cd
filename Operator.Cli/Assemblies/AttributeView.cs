using System.Collections.ObjectModel;
using System.Reflection;

namespace LlmKube.Operator.Cli.Assemblies;

/// <summary>
/// One attribute as metadata: no constructor of it runs. A value is found by its name, be it a constructor's parameter or a
/// named property.
/// </summary>
internal sealed class AttributeView(CustomAttributeData data)
{
    public Type Type => data.AttributeType;

    public T? Value<T>(string name, T? otherwise = default) => Find(name) is { Value: T value } ? value : otherwise;

    /// <summary>An enum's value as number (metadata knows no more).</summary>
    public int Number(string name) => Find(name)?.Value is int number ? number : 0;

    /// <summary>A scalar of any type.</summary>
    public object? Raw(string name) => Find(name)?.Value;

    /// <summary>The elements of an array or of <c>params</c>.</summary>
    public IReadOnlyList<T> Values<T>(string name) =>
        Find(name)?.Value is ReadOnlyCollection<CustomAttributeTypedArgument> items ? [.. items.Select(i => i.Value).OfType<T>()] : [];

    private CustomAttributeTypedArgument? Find(string name)
    {
        foreach (var named in data.NamedArguments)
        {
            if (string.Equals(named.MemberName, name, StringComparison.OrdinalIgnoreCase)) return named.TypedValue;
        }

        var parameters = data.Constructor.GetParameters();
        for (var i = 0; i < parameters.Length; i++)
        {
            if (string.Equals(parameters[i].Name, name, StringComparison.OrdinalIgnoreCase)) return data.ConstructorArguments[i];
        }

        return null;
    }
}
