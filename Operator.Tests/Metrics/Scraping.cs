using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>Scrapes operators over HTTP, as Prometheus does.</summary>
internal static class Scraping
{
    /// <summary>One scrape.</summary>
    public static async Task<Scrape> ScrapeAsync(this RunningOperator running) => new(await running.MetricsAsync());

    /// <summary>Scrapes until a series has a value; gives that scrape.</summary>
    public static Task<Scrape> SeeAsync(this RunningOperator running, string series, double value) =>
        running.SeeAsync(s => s[series] == value, $"{series} {value}");

    /// <summary>Scrapes until it is so; gives that scrape.</summary>
    public static async Task<Scrape> SeeAsync(this RunningOperator running, Func<Scrape, bool> isSo, string what) =>
        new(await Eventually.SeeAsync(running.MetricsAsync, m => isSo(new Scrape(m)), what));
}
