using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>Awaits conditions. The deadline is there for tests that fail; those that pass do not wait for it.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until something holds.</summary>
    public static Task IsTrueAsync(Func<bool> condition, string what = "the condition") => IsTrueAsync(condition, what, null, default);

    /// <summary>Waits until something holds that takes a question to know.</summary>
    public static Task IsTrueAsync(Func<Task<bool>> condition, string what = "the condition") => IsTrueAsync(condition, () => { }, what);

    /// <summary>Waits until something holds that takes a question to know, and does something at each look, such as to move a clock.</summary>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, Action atEachLook, string what = "the condition")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Deadline) Assert.Fail($"{what} did not come true in time.");
            atEachLook();
            await Task.Delay(Look, TimeProvider.System);
        }
    }

    /// <summary>Waits until something holds while a fake clock goes on, a step at each look.</summary>
    public static Task IsTrueAsync(Func<bool> condition, FakeTimeProvider clock, TimeSpan step, string what = "the condition") =>
        IsTrueAsync(condition, what, clock, step);

    private static async Task IsTrueAsync(Func<bool> condition, string what, FakeTimeProvider? clock, TimeSpan step)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Deadline) Assert.Fail($"{what} did not come true in time.");
            clock?.Advance(step);
            await Task.Delay(Look, TimeProvider.System);
        }
    }
}
