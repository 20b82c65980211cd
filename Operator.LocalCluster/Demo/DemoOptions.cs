namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>How the demo runs.</summary>
internal sealed record DemoOptions
{
    /// <summary>The repository: its manifests are installed, its build is the operator.</summary>
    public required string Root { get; init; }

    /// <summary>Where everything is kept that the demo makes.</summary>
    public required string Folder { get; init; }

    /// <summary>The API server's port; 0 takes any that is free.</summary>
    public int Port { get; init; }

    /// <summary>The user's own model; null for a generated one.</summary>
    public Uri? Model { get; init; }

    /// <summary>Whether to end after the answer.</summary>
    public bool Exit { get; init; }

    /// <summary>How long to wait while nothing moves.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
