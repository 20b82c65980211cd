using System.Reflection;
using System.Reflection.Metadata;

namespace LlmKube.Operator.Tests.Surface;

/// <summary>What an assembly declares for others under KubeOps' namespaces, read from its metadata.</summary>
internal sealed class DeclaredSymbols
{
    private readonly MetadataReader _reader;
    private readonly Dictionary<string, Symbol> _byKey = [];

    private DeclaredSymbols(MetadataReader reader)
    {
        _reader = reader;
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (IsKubeOps(reader.GetString(type.Namespace)) && (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            {
                Read(new DeclaredType(reader, type));
            }
        }
    }

    /// <summary>Everything that is to stand in the list.</summary>
    public IEnumerable<Symbol> All => _byKey.Values.Distinct();

    public static DeclaredSymbols Of(string assembly)
        => MetadataFile.Read(assembly, reader => new DeclaredSymbols(reader));

    public static bool IsKubeOps(string @namespace) => @namespace == "KubeOps" || @namespace.StartsWith("KubeOps.", StringComparison.Ordinal);

    /// <summary>The symbol behind a key that <see cref="ReferencedSymbols"/> makes; null if it isn't declared here.</summary>
    public Symbol? Find(string key) => _byKey.TryGetValue(key, out var symbol) ? symbol : null;

    private void Read(DeclaredType type)
    {
        _byKey[type.FullName] = new Symbol(type.Header, "");
        if (type.Kind == "enum")
        {
            foreach (var constant in type.Constants())
            {
                _byKey[$"{type.FullName}.{constant}"] = new Symbol(type.Header, constant);
            }

            return;
        }

        var accessors = new HashSet<MethodDefinitionHandle>();
        foreach (var (get, set, text) in type.Properties())
        {
            _byKey[AttributeArgumentKey(type.FullName, text.Split(' ')[1])] = new Symbol(type.Header, text);
            Add(type, get, text);
            Add(type, set, text);
            accessors.UnionWith([get, set]);
        }

        foreach (var (add, remove, text) in type.Events())
        {
            Add(type, add, text);
            Add(type, remove, text);
            accessors.UnionWith([add, remove]);
        }

        foreach (var (method, text) in type.Methods().Where(m => !accessors.Contains(m.Handle)))
        {
            Add(type, method, text);
        }

        // A use of one that isn't listed by itself (Equals of a record, Invoke's siblings) is a use of the type.
        foreach (var method in type.AllMethods())
        {
            Add(type, method, "");
        }
    }

    private void Add(DeclaredType type, MethodDefinitionHandle handle, string text)
    {
        if (!handle.IsNil && DeclaredType.IsVisible(_reader.GetMethodDefinition(handle)))
        {
            var method = _reader.GetMethodDefinition(handle);
            var signature = method.DecodeSignature(TypeNames.Instance, TypeParameters.Positions);
            _byKey.TryAdd(MethodKey(type.FullName, _reader.GetString(method.Name), signature), new Symbol(type.Header, text));
        }
    }

    /// <summary>What an attribute's property is called where it is set.</summary>
    public static string AttributeArgumentKey(string type, string property) => $"{type}.{property}=";

    /// <summary>What a reference to a method and its definition have in common.</summary>
    public static string MethodKey(string type, string name, MethodSignature<string> signature)
        => $"{type}.{name}`{signature.GenericParameterCount}({string.Join(",", signature.ParameterTypes)}){signature.ReturnType}";
}
