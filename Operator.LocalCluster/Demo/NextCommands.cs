namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The commands to go on with, each to be pasted as it stands.</summary>
/// <param name="kubectl">The program, as found.</param>
/// <param name="isOnPath">Whether its name alone finds it.</param>
/// <param name="demo">The demo's folder.</param>
/// <param name="folder">Where the user is.</param>
internal sealed class NextCommands(string kubectl, bool isOnPath, DemoFolder demo, string folder)
{
    /// <summary>Where its Prometheus listens.</summary>
    public const string PrometheusAddress = "127.0.0.1:9090";

    private readonly string _kubectl = $"{(isOnPath ? "kubectl" : Word(kubectl, folder))} --kubeconfig {Word(demo.Kubeconfig, folder)}";

    /// <summary>What there is.</summary>
    /// <param name="service">The service's address; null if it does not serve.</param>
    public IReadOnlyList<string> LookAround(Uri? service)
    {
        List<string> commands =
        [
            $"{_kubectl} get mdl,isvc",
            $"{_kubectl} get pods -A -o wide",
            $"{_kubectl} describe isvc {Sample.Name}",
            $"{_kubectl} logs deploy/{Sample.Name}",
            $"{_kubectl} logs -n {OperatorScrape.Namespace} deploy/{OperatorScrape.DeploymentName}",
        ];
        if (service is not null) commands.Add($$"""curl -s {{new Uri(service, "/v1/chat/completions")}} -d '{"messages":[{"role":"user","content":"Hello"}],"max_tokens":32}'""");
        return commands;
    }

    /// <summary>The operator's own metrics.</summary>
    public string Metrics(Uri address) =>
        $"""curl -sk {address} -H "Authorization: Bearer $({_kubectl} config view --raw -o 'jsonpath={"{.users[0].user.token}"}')" | grep ^llmkube_""";

    /// <summary>A Prometheus that watches everything.</summary>
    public IReadOnlyList<string> Prometheus() =>
    [
        "build/tools.sh prometheus",
        $"PATH=.tools/bin:$PATH prometheus --config.file={Word(demo.Scraping, folder)} --storage.tsdb.path={Word(demo.Samples, folder)} --web.listen-address={PrometheusAddress}",
    ];

    /// <summary>Traces of what happens from then on.</summary>
    public string Traces() =>
        $"{_kubectl} set env -n {OperatorScrape.Namespace} deploy/{OperatorScrape.DeploymentName} OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317";

    /// <summary>A path as the user would type it: relative where it is below the current folder.</summary>
    public static string Short(string path, string folder)
    {
        var relative = Path.GetRelativePath(folder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? path : relative;
    }

    private static string Word(string path, string folder) => Shell(Short(path, folder));

    // What a shell would take for something else goes into single quotes.
    private static string Shell(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+' or '=') ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
