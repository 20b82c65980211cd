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
    /// <param name="running">The operator.</param>
    /// <param name="isSo">What is awaited.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="every">How often it is looked at; seldom where there is much to read.</param>
    public static async Task<Scrape> SeeAsync(this RunningOperator running, Func<Scrape, bool> isSo, string what, TimeSpan? every = null) =>
        new(await Eventually.SeeAsync(running.MetricsAsync, m => isSo(new Scrape(m)), what, every));

    /// <summary>The same, where the question itself takes its time.</summary>
    public static async Task<Scrape> SeeAsync(this RunningOperator running, Func<Scrape, Task<bool>> isSo, string what) =>
        new(await Eventually.SeeAsync(running.MetricsAsync, m => isSo(new Scrape(m)), what));
}
