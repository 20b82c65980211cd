using System.CommandLine;
using System.Globalization;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>The options that several verbs have.</summary>
internal static class SharedOptions
{
    public static Option<int> Port() => Number("--port", "The port on 127.0.0.1; 0 takes any that is free.", 6443, 0, 65535);

    public static Option<int> Nodes() => Number("--nodes", "How many nodes.", 3, 0, 5000);

    public static Option<int> Gpus() => Number("--gpus", "How many pretended NVIDIA GPUs each node has.", 1, 0, 64);

    public static Option<string> KubeconfigOut() => new("--kubeconfig-out")
    {
        Description = "Where to write the administrator's kubeconfig (readable by you alone).",
        DefaultValueFactory = _ => "kubeconfig",
    };

    public static Option<int> Number(string name, string description, int fallback, int least, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => fallback,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
            result.AddError($"{name} must be a whole number from {least} to {most}, not \"{text}\".");
            return fallback;
        },
    };

    /// <summary>Writes the kubeconfig and says where the server is.</summary>
    public static async Task AnnounceAsync(this ApiServerHost server, string what, ParseResult parsed, Option<string> kubeconfigOut)
    {
        var path = Path.GetFullPath(parsed.GetValue(kubeconfigOut)!);
        try
        {
            server.WriteKubeconfig(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException(kubeconfigOut.Name, e);
        }

        await parsed.InvocationConfiguration.Output.WriteLineAsync($"{what} on {server.Address}\nexport KUBECONFIG={path}");
    }
}
