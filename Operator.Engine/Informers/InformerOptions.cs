using LlmKube.Operator.Engine.Timing;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>How informers talk to the API server.</summary>
internal sealed record InformerOptions
{
    /// <summary>Objects per page of a list. 500 is what kubectl and client-go ask for.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>The least time that the server is asked to keep a watch open; up to twice that by chance, as client-go does.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A watch that says nothing for so long is given up: its connection may be half open. API servers send a bookmark a minute.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// How old a list may become, up to twice that by chance, before the collection is listed again. A watch that is led through something that loses
    /// events looks like one that has none; nothing but a list tells.
    /// </summary>
    public TimeSpan RelistAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The waits between failed attempts: from the second on never more than one attempt a second, and short enough that a server that is back is found,
    /// listed and watched within ten.
    /// </summary>
    public Backoff Reconnect { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
}
