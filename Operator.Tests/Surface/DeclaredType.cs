using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;

namespace LlmKube.Operator.Tests.Surface;

/// <summary>One type definition, written down.</summary>
internal sealed class DeclaredType(MetadataReader reader, TypeDefinition type)
{
    private readonly string[] _parameters = Names(reader, type.GetGenericParameters());

    public string FullName { get; } = $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";

    public string Kind { get; } = KindOf(reader, type);

    public string Header => $"{Kind} {TypeNames.WithoutArity(FullName)}{InBrackets(_parameters)}";

    public static bool IsVisible(MethodDefinition method)
        => (method.Attributes & MethodAttributes.MemberAccessMask) is
            MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    /// <summary>An enum's values.</summary>
    public IEnumerable<string> Constants() =>
        from handle in type.GetFields()
        let field = reader.GetFieldDefinition(handle)
        where field.Attributes.HasFlag(FieldAttributes.Literal)
        select $"{reader.GetString(field.Name)} = {Constant(field.GetDefaultValue())}";

    public IEnumerable<(MethodDefinitionHandle Get, MethodDefinitionHandle Set, string Text)> Properties() =>
        from handle in type.GetProperties()
        let property = reader.GetPropertyDefinition(handle)
        let accessors = property.GetAccessors()
        let get = Accessor(accessors.Getter, "get; ")
        let set = Accessor(accessors.Setter, SetterWord(accessors.Setter))
        where get.Length + set.Length > 0 && !IsSynthesized(reader.GetString(property.Name))
        let signature = property.DecodeSignature(TypeNames.Instance, new TypeParameters(_parameters, []))
        select (accessors.Getter, accessors.Setter, $"{signature.ReturnType} {reader.GetString(property.Name)} {{ {get}{set}}}");

    public IEnumerable<(MethodDefinitionHandle Add, MethodDefinitionHandle Remove, string Text)> Events() =>
        from handle in type.GetEvents()
        let @event = reader.GetEventDefinition(handle)
        let accessors = @event.GetAccessors()
        select (accessors.Adder, accessors.Remover, $"event {reader.GetString(@event.Name)}");

    /// <summary>
    /// Methods and constructors, without those that the compiler makes for records and delegates, and without overrides and
    /// implementations: these stand at the type that asks for them.
    /// </summary>
    public IEnumerable<(MethodDefinitionHandle Handle, string Text)> Methods() =>
        from handle in type.GetMethods()
        let method = reader.GetMethodDefinition(handle)
        let name = reader.GetString(method.Name)
        where IsVisible(method) && !IsSynthesized(name) && !HasAttribute(method.GetCustomAttributes(), "CompilerGeneratedAttribute")
        where Kind != "delegate" || name == "Invoke"
        where !IsOverride(method) && !(Kind != "interface" && IsImplementation(method))
        select (handle, Text(method, name));

    /// <summary>Every method, listed or not.</summary>
    public IEnumerable<MethodDefinitionHandle> AllMethods() => type.GetMethods();

    private static bool IsOverride(MethodDefinition method)
        => (method.Attributes & (MethodAttributes.Virtual | MethodAttributes.NewSlot)) == MethodAttributes.Virtual;

    private static bool IsImplementation(MethodDefinition method)
        => method.Attributes.HasFlag(MethodAttributes.Virtual | MethodAttributes.Final);

    private string Text(MethodDefinition method, string name)
    {
        var ownParameters = Names(reader, method.GetGenericParameters());
        var signature = method.DecodeSignature(TypeNames.Instance, new TypeParameters(_parameters, ownParameters));
        var parameters = method.GetParameters()
            .Select(reader.GetParameter)
            .Where(parameter => parameter.SequenceNumber > 0)
            .Zip(signature.ParameterTypes, ParameterText);
        var extended = HasAttribute(method.GetCustomAttributes(), "ExtensionAttribute") ? "this " : "";
        var list = $"({extended}{string.Join(", ", parameters)})";
        var isStatic = method.Attributes.HasFlag(MethodAttributes.Static) && extended.Length == 0 ? "static " : "";
        var isProtected = (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public ? "" : "protected ";
        return name == ".ctor"
            ? $"{isProtected}new{list}"
            : $"{isProtected}{isStatic}{name}{InBrackets(ownParameters)}{list} : {signature.ReturnType}";
    }

    private string ParameterText(Parameter parameter, string parameterType)
    {
        var many = HasAttribute(parameter.GetCustomAttributes(), "ParamArrayAttribute") ? "params " : "";
        var standard = parameter.Attributes.HasFlag(ParameterAttributes.HasDefault)
            ? $" = {Constant(parameter.GetDefaultValue())}"
            : "";
        return $"{many}{parameterType} {reader.GetString(parameter.Name)}{standard}";
    }

    private string Constant(ConstantHandle handle)
    {
        var constant = reader.GetConstant(handle);
        return reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode) switch
        {
            null => "default",
            bool value => value ? "true" : "false",
            string value => $"\"{value}\"",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private string Accessor(MethodDefinitionHandle handle, string word)
        => handle.IsNil || !IsVisible(reader.GetMethodDefinition(handle)) ? "" : word;

    private string SetterWord(MethodDefinitionHandle handle)
        => !handle.IsNil && reader.GetMethodDefinition(handle)
            .DecodeSignature(TypeNames.Instance, TypeParameters.Positions).ReturnType.StartsWith("init ", StringComparison.Ordinal)
                ? "init; "
                : "set; ";

    // EqualityContract, PrintMembers and the copy constructor belong to every record.
    private bool IsSynthesized(string name) => Kind == "record" && name is "EqualityContract" or "PrintMembers" or "<Clone>$";

    private bool HasAttribute(CustomAttributeHandleCollection attributes, string name)
        => attributes.Any(handle => AttributeName(reader, reader.GetCustomAttribute(handle)) == name);

    private static string AttributeName(MetadataReader reader, CustomAttribute attribute) => attribute.Constructor.Kind switch
    {
        HandleKind.MemberReference when reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is
        { Kind: HandleKind.TypeReference } parent
            => reader.GetString(reader.GetTypeReference((TypeReferenceHandle)parent).Name),
        HandleKind.MethodDefinition => reader.GetString(reader.GetTypeDefinition(
            reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType()).Name),
        _ => "",
    };

    private static string KindOf(MetadataReader reader, TypeDefinition type)
    {
        if (type.Attributes.HasFlag(TypeAttributes.Interface))
        {
            return "interface";
        }

        var parent = type.BaseType.Kind == HandleKind.TypeReference
            ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)type.BaseType).Name)
            : "";
        var isRecord = type.GetMethods().Any(m => reader.GetString(reader.GetMethodDefinition(m).Name) == "<Clone>$");
        return parent switch
        {
            "Enum" => "enum",
            "MulticastDelegate" => "delegate",
            "ValueType" => "struct",
            _ when isRecord => "record",
            _ when type.Attributes.HasFlag(TypeAttributes.Abstract | TypeAttributes.Sealed) => "static class",
            _ when type.Attributes.HasFlag(TypeAttributes.Abstract) => "abstract class",
            _ => "class",
        };
    }

    private static string[] Names(MetadataReader reader, GenericParameterHandleCollection parameters)
        => [.. parameters.Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name))];

    private static string InBrackets(string[] names)
        => names.Length == 0 ? "" : $"<{string.Join(", ", names)}>";
}
