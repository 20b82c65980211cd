namespace LlmKube.Operator.Engine.Hosting;

/// <summary>What tests change about the engine as a whole.</summary>
internal sealed record EngineOptions
{
    /// <summary>How long reconciles that run may go on after the stop; the rest of the 30 seconds is for giving the lease back.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long giving the lease back may take.</summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Tells the process how it is to exit.</summary>
    public Action<int> SetExitCode { get; init; } = code => Environment.ExitCode = code;
}
