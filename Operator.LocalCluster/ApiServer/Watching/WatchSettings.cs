namespace LlmKube.Operator.LocalCluster.ApiServer.Watching;

/// <summary>What all watches share.</summary>
internal sealed record WatchSettings(TimeProvider Time, TimeSpan BookmarkInterval, TimeSpan LongestWatch, ExpiredWatch ExpiredWatch);
