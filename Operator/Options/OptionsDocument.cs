using System.CommandLine;
using System.Text;

namespace LlmKube.Operator.Options;

/// <summary>The verb <c>options</c>: prints docs/options.md.</summary>
internal static class OptionsDocument
{
    private const string Intro = $$"""
        # Options

        <!-- Generated from the table in the code: `make generate` writes this file, `make verify` fails if it is stale. -->

        What can be said to the operator when it starts. Each option is a flag, a variable of the environment and a key of a file, by one name: the flag
        `--model-cache-size` is the variable `LLMKUBE_MODEL_CACHE_SIZE` and the key `model-cache-size` in the section `{{OperatorOption.Section}}` of a JSON file. What is said
        at several places holds in this order: flag, variable, file, default. An empty value means the default.

        ```json
        {
          "{{OperatorOption.Section}}": {
            "model-cache-size": "200Gi",
            "leader-elect": true,
            "allowed-source-addresses": ["models.example.com", "10.0.0.0/8"]
          }
        }
        ```

        The file is the one that `--config` or `LLMKUBE_CONFIG` names, else `{{OptionTable.DefaultFile}}` in the working directory (in the image `/app`), if there is one; it is read once,
        at the start. Other sections are not the operator's. Values of a list have commas between them, the flag of a list may be repeated, and a file may have an array.

        All is checked before anything runs. What is wrong is told at once, a line for each mistake with the flag, variable or key that it came from, and the exit
        code is 2. What nobody knows is a mistake, too: a flag, a key of the section, a variable that begins with `LLMKUBE_`. Variables that Kubernetes gives to pods for
        each Service of their namespace (`LLMKUBE_OPERATOR_SERVICE_HOST`, `LLMKUBE_OPERATOR_PORT_8443_TCP` and their like) are passed over, and so are those of this project's tests,
        build and local cluster (`LLMKUBE_TEST_`, `LLMKUBE_GGUF_`, `LLMKUBE_TOOLS_`, `LLMKUBE_LOCAL_`).

        No option is a secret. Credentials for sources are in Secrets that Models name ([models.md](models.md)), those for a collector of traces in OpenTelemetry's
        variables ([tracing.md](tracing.md)), proxies in the usual variables (`HTTPS_PROXY`, `NO_PROXY`).

        """;

    private const string GoFlags = """
        ## Flags of the Go operator

        The arguments of the Go operator's Deployment start this one: those of its flags that are not listed above are taken as well, with one dash or two, on the command line alone.
        The program is the image's entry point, so leave `command` out of the container.

        """;

    /// <summary>The verb for the program's root command.</summary>
    public static Command Create()
    {
        var command = new Command("options", "Prints a page about the options of this program, as Markdown.");
        command.SetAction((_, cancellationToken) => Console.Out.WriteAsync(Page().AsMemory(), cancellationToken));
        return command;
    }

    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder(Intro);
        foreach (var group in OptionTable.Groups)
        {
            page.Append($"\n## {group.About}\n\n");
            if (group.Note is { } note) page.Append($"{note}\n");
            else page.Append("| flag | variable | default | |\n|---|---|---|---|\n");
            foreach (var option in group.Options) page.Append($"| {FlagOf(option)} | `{option.Variable}` | {option.Default} | {option.Help} |\n");
        }

        page.Append('\n').Append(GoFlags).Append("\n| flag | |\n|---|---|\n");
        foreach (var flag in GoFlag.All) page.Append($"| `--{flag.Name}` | {flag.Effect} |\n");
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string FlagOf(OperatorOption option) =>
        $"`{option.Flag}{(option.IsSwitch ? "" : $"={option.Value}")}`{(option.IsList ? ", repeatable" : "")}{(option.Short is { } letter ? $", `{letter}`" : "")}";
}
