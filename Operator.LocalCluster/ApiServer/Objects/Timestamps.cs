using System.Globalization;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>Times as objects hold them: UTC, whole seconds.</summary>
internal static class Timestamps
{
    public static string Now(TimeProvider time) => Format(time.GetUtcNow());

    public static string Format(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Parse(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
