using System.CommandLine;
using k8s;
using k8s.Exceptions;
using LlmKube.Operator.Cli.Commands;
using YamlDotNet.Core;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>The flags that say which cluster is meant; as in kubectl.</summary>
internal sealed class ClusterOptions
{
    private const StringSplitOptions Remove = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private readonly Option<FileInfo?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig file. Default: $KUBECONFIG, else ~/.kube/config." };
    private readonly Option<string?> _context = new("--context") { Description = "The context in the kubeconfig. Default: its current one." };

    public Option<int> Timeout { get; } = new("--timeout") { Description = "Seconds to wait for each definition.", DefaultValueFactory = _ => 60 };

    public void AddTo(Command command)
    {
        command.Options.Add(_kubeconfig);
        command.Options.Add(_context);
    }

    public Kubernetes Connect(ParseResult arguments)
    {
        try
        {
            var variable = Environment.GetEnvironmentVariable("KUBECONFIG");
            return new Kubernetes(Configuration(arguments.GetValue(_kubeconfig), arguments.GetValue(_context), variable));
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(e.Message, e);
        }
        catch (YamlException e)
        {
            throw new CliException($"the kubeconfig is not valid YAML: line {e.Start.Line}: {e.Message}", e);
        }
    }

    /// <summary>Address and credentials of the cluster that is meant.</summary>
    /// <param name="kubeconfig">The value of <c>--kubeconfig</c>.</param>
    /// <param name="context">The value of <c>--context</c>.</param>
    /// <param name="variable">The value of <c>$KUBECONFIG</c>: one file or several, of which the first to say something wins.</param>
    internal static KubernetesClientConfiguration Configuration(FileInfo? kubeconfig, string? context, string? variable)
    {
        if (kubeconfig is not null) return From(context, kubeconfig);
        if (!string.IsNullOrWhiteSpace(variable))
        {
            return From(context, [.. variable.Split(Path.PathSeparator, Remove).Select(path => new FileInfo(path.Trim('"'))).Where(file => file.Exists)]);
        }

        return context is null
            ? KubernetesClientConfiguration.BuildDefaultConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: context);
    }

    private static KubernetesClientConfiguration From(string? context, params FileInfo[] files)
    {
        if (files.Length == 0) throw new CliException("$KUBECONFIG names no file that exists");

        // The package merges files for itself only. Of two entries of one name the first counts, as with kubectl.
        var all = files.Select(file => KubernetesClientConfiguration.LoadKubeConfig(file)).ToList();
        var merged = all[0];
        merged.CurrentContext = all.Select(each => each.CurrentContext).FirstOrDefault(name => !string.IsNullOrEmpty(name));
        merged.Contexts = [.. all.SelectMany(each => each.Contexts ?? []).DistinctBy(each => each.Name)];
        merged.Clusters = [.. all.SelectMany(each => each.Clusters ?? []).DistinctBy(each => each.Name)];
        merged.Users = [.. all.SelectMany(each => each.Users ?? []).DistinctBy(each => each.Name)];
        return KubernetesClientConfiguration.BuildConfigFromConfigObject(merged, context);
    }
}
