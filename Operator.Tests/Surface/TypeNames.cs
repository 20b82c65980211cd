using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace LlmKube.Operator.Tests.Surface;

/// <summary>The names of type parameters that a signature may mention.</summary>
internal sealed record TypeParameters(IReadOnlyList<string> OfType, IReadOnlyList<string> OfMethod)
{
    /// <summary>No names: a parameter is its position. So a reference and its definition read alike.</summary>
    public static readonly TypeParameters Positions = new([], []);
}

/// <summary>Writes the types of a signature as C# would, without namespaces and without nullable annotations.</summary>
internal sealed class TypeNames : ISignatureTypeProvider<string, TypeParameters>, ICustomAttributeTypeProvider<string>
{
    public static readonly TypeNames Instance = new();

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
    {
        PrimitiveTypeCode.Boolean => "bool",
        PrimitiveTypeCode.Byte => "byte",
        PrimitiveTypeCode.UInt16 => "ushort",
        PrimitiveTypeCode.Int32 => "int",
        PrimitiveTypeCode.Int64 => "long",
        PrimitiveTypeCode.Double => "double",
        PrimitiveTypeCode.String => "string",
        PrimitiveTypeCode.Object => "object",
        PrimitiveTypeCode.Void => "void",
        _ => typeCode.ToString(),
    };

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        => WithoutArity(reader.GetString(reader.GetTypeDefinition(handle).Name));

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        => WithoutArity(reader.GetString(reader.GetTypeReference(handle).Name));

    public string GetTypeFromSpecification(
        MetadataReader reader, TypeParameters genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType switch
    {
        "Nullable" => $"{typeArguments[0]}?",
        "ValueTuple" => $"({string.Join(", ", typeArguments)})",
        _ => $"{genericType}<{string.Join(", ", typeArguments)}>",
    };

    public string GetGenericTypeParameter(TypeParameters genericContext, int index)
        => genericContext.OfType.ElementAtOrDefault(index) ?? $"!{index}";

    public string GetGenericMethodParameter(TypeParameters genericContext, int index)
        => genericContext.OfMethod.ElementAtOrDefault(index) ?? $"!!{index}";

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

    public string GetByReferenceType(string elementType) => $"ref {elementType}";

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPinnedType(string elementType) => elementType;

    // The one modifier that matters is the one that makes a setter an init.
    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired)
        => modifier == "IsExternalInit" ? $"init {unmodifiedType}" : unmodifiedType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate*";

    public string GetSystemType() => "Type";

    public bool IsSystemType(string type) => type == "Type";

    public string GetTypeFromSerializedName(string name) => name;

    // KubeOps' enums all rest on int.
    public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

    public static string WithoutArity(string name) => name.Split('`')[0];
}
