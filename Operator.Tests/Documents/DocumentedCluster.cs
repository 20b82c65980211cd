using System.Diagnostics;
using System.Text.RegularExpressions;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Documents;

/// <summary>
/// The cluster that documents speak of: the operator is installed, and a Model <c>demo</c> is served by an InferenceService <c>demo</c>. Pods only pretend, so that no command
/// waits for a download; an operator in this process does the work.
/// </summary>
internal sealed partial class DocumentedCluster : IAsyncDisposable
{
    private const string Name = "demo";

    // A search that finds nothing and a right that is missing are answers; whatever else fails has failed.
    private const string Before = """
        set -eo pipefail
        grep() { command grep "$@" || [ $? = 1 ]; }
        kubectl() {
            if [ "$1 $2" != 'auth can-i' ]; then command kubectl "$@"; return; fi
            local answer
            answer=$(command kubectl "$@") || [[ $answer = no* ]]
            echo "$answer"
        }

        """;

    private readonly StoryCluster _cluster;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("documents-");
    private RunningOperator? _operator;
    private string? _pod;

    private DocumentedCluster(StoryCluster cluster) => _cluster = cluster;

    /// <summary>A folder that goes with the cluster; commands run in it. It has what the repository has in <c>deploy/</c>.</summary>
    public string Folder => _folder.FullName;

    private string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    public static async Task<DocumentedCluster> StartAsync()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There pods have no logs.");
        var cluster = new DocumentedCluster(await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(3, gpus: 2) }));
        try
        {
            await cluster.InstallAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs commands as a user of bash would, with the names that documents leave open filled in.</summary>
    public Task<(int Code, string Output, string Errors)> RunAsync(string commands)
    {
        var script = Before + Open().Replace(commands, m => m.Value switch { "NS" => _cluster.Namespace, "NODE" => "node-3", "POD" => _pod ?? Name, _ => Name });
        var start = new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = Folder };
        (start.Environment["KUBECONFIG"], start.Environment["HOME"]) = (Kubeconfig, Folder);
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Tools.Find("kubectl"))}:{Environment.GetEnvironmentVariable("PATH")}";
        return Finished.RunAsync(start);
    }

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null) await _operator.DisposeAsync();
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task InstallAsync()
    {
        _cluster.Kubeconfig(Folder);
        // As an administrator, whose rights an installation does not change.
        _operator = await RunningOperator.StartAsync(_cluster.Server.ClientConfiguration(), new(), TimeProvider.System);
        await SucceedAsync($"""
            cp -r {Installation.Root}/deploy {Installation.Root}/kustomization.yaml .
            kubectl config set-context --current --namespace={_cluster.Namespace}
            kubectl apply -f {Installation.Root}/Operator.Tests/Monitoring/Crds
            kubectl apply -k .
            kubectl apply -f - <<END
            apiVersion: coordination.k8s.io/v1
            kind: Lease
            metadata:
              name: llmkube-operator-leader
              namespace: llmkube-system
            spec:
              holderIdentity: POD
            END
            """);
        // It has crashed once, so that there are last words to read.
        var server = new PodRule { Container = DeploymentBuilder.Container, Pod = $"{Name}-*", LogLines = ["listening"] };
        _cluster.Rules.Add(server);
        _cluster.Rules.Add(server with { Times = 1, ExitCode = 1, LogLines = ["out of patience"] });
        await _cluster.CreateModelAsync(Name);
        await _cluster.CreateServiceAsync(Name, Name);
        await SucceedAsync($"""
            kubectl wait --for=condition=Available isvc/{Name} --timeout=100s
            kubectl rollout status deployment/{Name}
            kubectl rollout status -n llmkube-system deployment/llmkube-operator
            """);
        _pod = (await SucceedAsync($"kubectl get pods -l inference.llmkube.dev/service={Name} -o name")).Trim().Split('/')[^1];
    }

    private async Task<string> SucceedAsync(string commands)
    {
        var (code, output, errors) = await RunAsync(commands);
        Assert.That(code, Is.Zero, () => errors + output);
        return output;
    }

    [GeneratedRegex(@"(?<![\w.])(NS|NAME|POD|NODE)(?![\w.])")]
    private static partial Regex Open();
}
