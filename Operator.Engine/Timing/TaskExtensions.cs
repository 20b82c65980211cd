namespace LlmKube.Operator.Engine.Timing;

/// <summary>Awaits without the exception of a cancellation.</summary>
internal static class TaskExtensions
{
    /// <summary>Ends when the task does, however it does. The caller's loop looks at its token itself.</summary>
    public static async Task Quietly(this Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
