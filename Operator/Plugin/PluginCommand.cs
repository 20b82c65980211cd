using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Plugin;

/// <summary>The verb <c>kubectl</c>, which is all of <c>kubectl-llmkube</c>. It only reads.</summary>
internal sealed class PluginCommand(TimeProvider time)
{
    /// <summary>The exit code where nothing has to be done.</summary>
    public const int Fine = 0;

    /// <summary>The exit code where something has to be done.</summary>
    public const int Wrong = 1;

    /// <summary>The exit code where there is no answer.</summary>
    public const int Unanswered = 2;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "kubeconfig file (default: as kubectl)", HelpName = "FILE" };
    private readonly Option<string?> _context = new("--context") { Description = "Context of the kubeconfig (default: its current one)", HelpName = "NAME" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Namespace (default: the context's)", HelpName = "NAME" };
    private readonly Option<bool> _everywhere = new("--all-namespaces", "-A") { Description = "All namespaces" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text", HelpName = "text|json" };
    private readonly Option<string> _operatorNamespace = new("--operator-namespace") { Description = "Where the operator runs", DefaultValueFactory = _ => OperatorCause.Namespace, HelpName = "NAME" };
    private readonly Argument<string> _name = new("NAME") { Description = "An InferenceService or a Model, also as isvc/NAME or model/NAME" };

    /// <summary>The verb for the program's root command.</summary>
    public Command Create()
    {
        _output.AcceptOnlyFromAmong("text", "json");
        var why = new Command("why", "Says what keeps an InferenceService or a Model from being Ready, and what to do. Exit code 0: nothing; 1: something; 2: it can't be told.")
        {
            _name, _namespace, _output, _operatorNamespace, _kubeconfig, _context,
        };
        why.SetAction((parsed, cancellationToken) => AnswerAsync(parsed, (cluster, output) => WhyAsync(parsed, cluster, output, cancellationToken)));
        var queue = new Command("queue", "Lists the services that wait for GPUs, the next one first, and those that hold some.") { _everywhere, _namespace, _output, _kubeconfig, _context };
        queue.SetAction((parsed, cancellationToken) => AnswerAsync(parsed, (cluster, output) => QueueAsync(parsed, cluster, output, cancellationToken)));
        return new Command("kubectl", "What kubectl-llmkube runs: why and queue.") { why, queue };
    }

    private async Task<int> WhyAsync(ParseResult parsed, Cluster cluster, TextWriter output, CancellationToken cancellationToken)
    {
        var finding = Why.Of(await new FactReader(cluster, parsed.GetValue(_operatorNamespace)!, time).ReadAsync(parsed.GetValue(_name)!, cancellationToken));
        await output.WriteAsync(IsJson(parsed) ? $"{JsonSerializer.Serialize(finding, Json)}\n" : finding.Text());
        return finding.IsWrong ? Wrong : Fine;
    }

    private async Task<int> QueueAsync(ParseResult parsed, Cluster cluster, TextWriter output, CancellationToken cancellationToken)
    {
        var ns = parsed.GetValue(_everywhere) ? null : cluster.Namespace;
        var (pods, now) = await cluster.PodsAsync(ns, time, cancellationToken);
        var uses = GpuUse.Of(await cluster.Client.ListAsync<InferenceService>(ns, cancellationToken: cancellationToken), pods);
        if (IsJson(parsed)) await output.WriteLineAsync(JsonSerializer.Serialize(uses, Json));
        else GpuUseTable.Write(uses, now, output, ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected);
        return Fine;
    }

    private async Task<int> AnswerAsync(ParseResult parsed, Func<Cluster, TextWriter, Task<int>> answer)
    {
        try
        {
            using var cluster = Cluster.Of(parsed.GetValue(_kubeconfig), parsed.GetValue(_context), parsed.GetValue(_namespace));
            return await answer(cluster, parsed.InvocationConfiguration.Output);
        }
        catch (Exception e) when (PluginFailure.Of(e) is { } failure)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"error: {failure.Message}");
            return Unanswered;
        }
    }

    private bool IsJson(ParseResult parsed) => parsed.GetValue(_output) == "json";
}
