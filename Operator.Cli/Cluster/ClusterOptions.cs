using System.CommandLine;
using k8s;
using k8s.Exceptions;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>The flags that say which cluster is meant; as in kubectl.</summary>
internal sealed class ClusterOptions
{
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
            return new Kubernetes(Configuration(arguments.GetValue(_kubeconfig), arguments.GetValue(_context)));
        }
        catch (Exception e) when (e is KubeConfigException or IOException)
        {
            throw new CliException(e.Message, e);
        }
    }

    private static KubernetesClientConfiguration Configuration(FileInfo? kubeconfig, string? context) =>
        kubeconfig is null && context is null
            ? KubernetesClientConfiguration.BuildDefaultConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig?.FullName, context);
}
