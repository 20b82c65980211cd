using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>The log of a service proxy, which says where it lets services be reached whose cluster IP is none of this machine.</summary>
internal sealed partial class ReachedAddresses : ILoggerFactory, ILogger
{
    private readonly ConcurrentDictionary<(string Service, int Port), string> _addresses = [];

    /// <summary>The address and port of a service (<c>namespace/name</c>); null while it is not reached.</summary>
    public string? Of(string service, int port) => _addresses.GetValueOrDefault((service, port));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // All that is told is heard already.
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Reached().Match(formatter(state, exception)) is { Success: true } match)
        {
            _addresses[(match.Groups["service"].Value, int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture))] = match.Groups["address"].Value;
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    [GeneratedRegex(@"^(?<service>\S+) \S+:(?<port>\d+) is reached at (?<address>\S+)$")]
    private static partial Regex Reached();
}
