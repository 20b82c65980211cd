using k8s.Exceptions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace LlmKube.Operator.Engine.Access;

/// <summary>
/// Reads the YAML of a kubeconfig. The package's own reader prepares for every kind of object first, and keeps some five megabytes of that for as long as the
/// process runs.
/// </summary>
internal static class KubeconfigFile
{
    /// <exception cref="KubeConfigException">There is no such file, or it is no YAML.</exception>
    public static T Read<T>(string path)
        where T : new()
    {
        if (!File.Exists(path)) throw new KubeConfigException($"kubeconfig file not found at {path}");
        var reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).IgnoreUnmatchedProperties().Build();
        try
        {
            return reader.Deserialize<T?>(File.ReadAllText(path)) ?? new T();
        }
        catch (YamlException e)
        {
            throw new KubeConfigException($"kubeconfig file {path}, line {e.Start.Line}: {e.Message}", e);
        }
    }
}
