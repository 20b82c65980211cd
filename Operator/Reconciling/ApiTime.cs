namespace LlmKube.Operator.Reconciling;

/// <summary>Times of API objects.</summary>
internal static class ApiTime
{
    /// <summary>The moment that a time names: those of the API are UTC, of whatever kind the client has read them.</summary>
    public static DateTimeOffset Moment(this DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
