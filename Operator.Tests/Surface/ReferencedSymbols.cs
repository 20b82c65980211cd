using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace LlmKube.Operator.Tests.Surface;

/// <summary>What an assembly uses under KubeOps' namespaces, read from its metadata.</summary>
internal static class ReferencedSymbols
{
    /// <summary>Keys of types, methods and (as <c>type.Name=</c>) properties that attributes set.</summary>
    public static IReadOnlyList<string> Of(string assembly) => MetadataFile.Read(assembly, reader =>
        (IReadOnlyList<string>)[.. Types(reader).Concat(Members(reader)).Concat(NamedArguments(reader)).Distinct()]);

    /// <summary>Types that the assembly takes from these other assemblies, whatever their namespace.</summary>
    public static IReadOnlyList<string> TypesFrom(string assembly, HashSet<string> others) => MetadataFile.Read(assembly, reader =>
        (IReadOnlyList<string>)
        [
            .. from handle in reader.TypeReferences
               let scope = reader.GetTypeReference(handle).ResolutionScope
               where scope.Kind == HandleKind.AssemblyReference
               where others.Contains(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name))
               select reader.NameOf(handle).FullName,
        ]);

    /// <summary>Types that the assembly itself declares under KubeOps' namespaces.</summary>
    public static IReadOnlyList<string> OwnKubeOpsTypes(string assembly) => MetadataFile.Read(assembly, reader =>
        (IReadOnlyList<string>)
        [
            .. from handle in reader.TypeDefinitions
               let type = reader.GetTypeDefinition(handle)
               where DeclaredSymbols.IsKubeOps(reader.GetString(type.Namespace))
               select $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}",
        ]);

    private static IEnumerable<string> Types(MetadataReader reader) =>
        from handle in reader.TypeReferences
        let name = reader.NameOf(handle)
        where DeclaredSymbols.IsKubeOps(name.Namespace)
        select name.FullName;

    private static IEnumerable<string> Members(MetadataReader reader) =>
        from handle in reader.MemberReferences
        let member = reader.GetMemberReference(handle)
        where member.GetKind() == MemberReferenceKind.Method
        let type = OpenType(reader, member.Parent)
        where type is not null
        let signature = member.DecodeMethodSignature(TypeNames.Instance, TypeParameters.Positions)
        select DeclaredSymbols.MethodKey(type, reader.GetString(member.Name), signature);

    private static IEnumerable<string> NamedArguments(MetadataReader reader) =>
        from handle in reader.CustomAttributes
        let attribute = reader.GetCustomAttribute(handle)
        where attribute.Constructor.Kind == HandleKind.MemberReference
        let type = OpenType(reader, reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent)
        where type is not null
        from argument in attribute.DecodeValue(TypeNames.Instance).NamedArguments
        select DeclaredSymbols.AttributeArgumentKey(type, argument.Name!);

    private static string? OpenType(MetadataReader reader, EntityHandle parent)
    {
        var (space, name) = parent.Kind switch
        {
            HandleKind.TypeReference => reader.NameOf((TypeReferenceHandle)parent),
            HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)parent)
                .DecodeSignature(OpenTypeNames.Instance, null),
            _ => ("", ""),
        };
        return DeclaredSymbols.IsKubeOps(space) ? name : null;
    }

    /// <summary>Reduces a constructed type to the generic type that it is constructed from.</summary>
    private sealed class OpenTypeNames : ISignatureTypeProvider<(string Namespace, string Name), object?>
    {
        public static readonly OpenTypeNames Instance = new();

        public (string, string) GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => reader.NameOf(handle);

        public (string, string) GetGenericInstantiation((string, string) genericType, ImmutableArray<(string, string)> typeArguments) => genericType;

        public (string, string) GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => ("", "");

        public (string, string) GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => ("", "");

        public (string, string) GetPrimitiveType(PrimitiveTypeCode typeCode) => ("", "");

        public (string, string) GetGenericTypeParameter(object? genericContext, int index) => ("", "");

        public (string, string) GetGenericMethodParameter(object? genericContext, int index) => ("", "");

        public (string, string) GetSZArrayType((string, string) elementType) => ("", "");

        public (string, string) GetArrayType((string, string) elementType, ArrayShape shape) => ("", "");

        public (string, string) GetByReferenceType((string, string) elementType) => ("", "");

        public (string, string) GetPointerType((string, string) elementType) => ("", "");

        public (string, string) GetPinnedType((string, string) elementType) => ("", "");

        public (string, string) GetModifiedType((string, string) modifier, (string, string) unmodifiedType, bool isRequired) => unmodifiedType;

        public (string, string) GetFunctionPointerType(MethodSignature<(string, string)> signature) => ("", "");
    }
}
