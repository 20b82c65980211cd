namespace LlmKube.Operator.Options;

/// <summary>
/// A flag that only the Go operator has, so that the arguments of its Deployment start this program. On the command line alone: it never had
/// variables or files.
/// </summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Effect">What it does here or, where that is nothing, why.</param>
/// <param name="Means">The options that a value stands for; empty: none; null: the value is refused.</param>
internal sealed record GoFlag(string Name, string Effect, Func<string, IReadOnlyList<(string Option, string Value)>?> Means)
{
    /// <summary>True: the flag alone means true.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>What a value must be, and what to do instead.</summary>
    public string Rule { get; init; } = "";

    /// <summary>All of them. Of two that stand for the same the first counts.</summary>
    public static IReadOnlyList<GoFlag> All { get; } =
    [
        Unused("init-container-image", "models are fetched by the operator's own image, which --operator-image names"),
        Unused("default-fsgroup", "another group for the files of volumes is named by spec.podSecurityContext of the service"),
        Unused("model-revalidate-interval", "a source is not asked again once its Model is Ready"),
        new("model-cache-mode", "shared is how it is; perService is refused", v => v == "shared" ? [] : null)
        {
            Rule = "must be shared; a claim of its own has the service that names it in spec.modelCache.claimName",
        },
        StandsFor("allowed-host-path-roots", "allowed-host-paths"),
        Unused("router-proxy-image", "there is no ModelRouter here"),
        Unused("default-litellm-url", "there is no ModelRouter here"),
        Unused("webhook-cert-path", "there is no webhook; the definitions and the operator check"),
        Unused("webhook-cert-name", "there is no webhook"),
        Unused("webhook-cert-key", "there is no webhook"),
        Unused("webhook-port", "there is no webhook"),
        StandsFor("zap-encoder", "log-format"),
        new("zap-log-level", "stands for --log-level; 1 is debug, what is above trace, and panic error", Level) { Rule = "must be debug, info, error, panic or a number above 0; better say --log-level" },
        new("zap-devel", "stands for --log-format=text --log-level=debug; false for json and information", v => FlagValues.Switch(v) switch
        {
            true => [("log-format", "text"), ("log-level", "debug")],
            false => [("log-format", "json"), ("log-level", "information")],
            null => null,
        })
        {
            IsSwitch = true,
            Rule = FlagValues.SwitchRule,
        },
        Unused("zap-stacktrace-level", "errors are logged with their traces"),
        Unused("zap-time-encoding", "times are written as in ISO 8601"),
    ];

    private static GoFlag Unused(string name, string why) => new(name, $"no effect: {why}", _ => []);

    private static GoFlag StandsFor(string name, string option) => new(name, $"stands for --{option}", value => [(option, value)]);

    private static IReadOnlyList<(string Option, string Value)>? Level(string text) => text switch
    {
        "debug" or "info" or "error" => [("log-level", text)],
        "panic" => [("log-level", "error")],
        _ when FlagValues.Verbosity(text) is { } verbosity => [("log-level", verbosity == 1 ? "debug" : "trace")],
        _ => null,
    };
}
