using System.Collections.Concurrent;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Hosting;

/// <summary>Which of the operator's proxies what fetches is told of.</summary>
internal sealed class ProxyVariablesTests
{
    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["HTTP_PROXY"] = "http://me:s3cret@proxy.example:3128",
        ["HTTPS_PROXY"] = "http://proxy.example:3128",
        ["NO_PROXY"] = "10.0.0.0/8,.svc",
        ["http_proxy"] = "me:s3cret@proxy.example:3128",
        ["https_proxy"] = "",
        ["ALL_PROXY"] = "socks5://other.example",
        ["all_proxy"] = "socks5://me:s3cret@other.example",
        ["FTP_PROXY"] = "http://proxy.example:21",
    };

    private static ProxyVariables Proxies => ProxyVariables.Of(name => s_environment.GetValueOrDefault(name));

    [Test]
    public void Those_with_a_user_in_them_stay_here()
    {
        Assert.That(Proxies.Variables, Is.EqualTo(new[] { ("HTTPS_PROXY", "http://proxy.example:3128"), ("ALL_PROXY", "socks5://other.example"), ("NO_PROXY", "10.0.0.0/8,.svc") }));
        Assert.That(Proxies.Withheld, Is.EqualTo(new[] { "HTTP_PROXY", "http_proxy", "all_proxy" }));
    }

    [Test]
    public async Task It_is_said_at_the_start_which_and_not_what_is_in_them()
    {
        var log = new Lines();
        await using var app = OperatorApplication.Build(
            new OperatorOptions { Proxies = Proxies, MetricsBindAddress = BindAddress.Loopback(0), MetricsSecure = false, HealthProbeBindAddress = BindAddress.Loopback(0) },
            services =>
            {
                services.AddSingleton<ILoggerProvider>(log);
                services.AddSingleton(Prometheus.Metrics.NewCustomRegistry());
            });

        Assert.That(log.All.Where(l => l.Contains("is not passed on", StringComparison.Ordinal)), Has.Exactly(1).StartsWith("The variable HTTP_PROXY ").And.Exactly(1).StartsWith("The variable http_proxy "));
        Assert.That(log.All, Has.None.Contains("s3cret"));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception));

        public void Dispose() { }
    }
}
