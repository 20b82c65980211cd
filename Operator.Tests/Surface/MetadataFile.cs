using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LlmKube.Operator.Tests.Surface;

internal static class MetadataFile
{
    public static T Read<T>(string path, Func<MetadataReader, T> read)
    {
        using var file = new PEReader(File.OpenRead(path));
        return read(file.GetMetadataReader());
    }

    /// <summary>Namespace and name of a type that is mentioned, with those that it is nested in.</summary>
    public static (string Namespace, string FullName) NameOf(this MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            var outer = reader.NameOf((TypeReferenceHandle)type.ResolutionScope);
            return (outer.Namespace, $"{outer.FullName}+{name}");
        }

        var space = reader.GetString(type.Namespace);
        return (space, space.Length == 0 ? name : $"{space}.{name}");
    }
}
