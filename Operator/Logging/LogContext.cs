using System.Diagnostics;
using System.Globalization;

namespace LlmKube.Operator.Logging;

/// <summary>What a line is logged about: the reconcile that runs, its object and its span. All of it can be absent.</summary>
internal readonly record struct LogContext
{
    public string? TraceId { get; private init; }

    public string? SpanId { get; private init; }

    public string? Kind { get; private init; }

    public string? Namespace { get; private init; }

    public string? Name { get; private init; }

    public long? Generation { get; private init; }

    public string? ReconcileId { get; private init; }

    /// <summary>The context of the line that is being logged.</summary>
    /// <param name="scopes">The logger's scopes; the keys of a reconcile's are KubeOps'.</param>
    public static LogContext Of(IExternalScopeProvider? scopes)
    {
        var found = new Dictionary<string, object>();
        scopes?.ForEachScope(
            static (scope, into) =>
            {
                if (scope is not IEnumerable<KeyValuePair<string, object>> properties) return;
                foreach (var (key, value) in properties) into[key] = value;
            },
            found);
        var span = Activity.Current;
        return new LogContext
        {
            TraceId = span?.TraceId.ToHexString(),
            SpanId = span?.SpanId.ToHexString(),
            Kind = Text(nameof(Kind)),
            Namespace = Text(nameof(Namespace)),
            Name = Text(nameof(Name)),
            Generation = found.GetValueOrDefault(nameof(Generation)) as long?,
            ReconcileId = Text(nameof(ReconcileId)),
        };

        string? Text(string key) => Convert.ToString(found.GetValueOrDefault(key), CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;
    }
}
