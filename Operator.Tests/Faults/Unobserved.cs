using System.Collections.Concurrent;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Exceptions of tasks that nobody has awaited, in this whole process, from when the first fault story begins.</summary>
[SetUpFixture]
internal sealed class Unobserved
{
    private static readonly ConcurrentQueue<AggregateException> s_seen = [];

    [OneTimeSetUp]
    public void Listen() => TaskScheduler.UnobservedTaskException += Remember;

    [OneTimeTearDown]
    public void StopListening() => TaskScheduler.UnobservedTaskException -= Remember;

    /// <summary>Fails if the operator has left one, after every task that nobody holds any more has told.</summary>
    public static void AssertNone()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(s_seen.Where(IsOperators), Is.Empty, "an exception that nobody has observed");
    }

    /// <summary>The same of a program that has ended: it has logged none, nor has it died of an exception.</summary>
    public static void AssertNone(ProgramProcess program)
    {
        Assert.That(program.Output.Where(line => line.Contains("nobody waited for", StringComparison.Ordinal)), Is.Empty);
        Assert.That(program.Errors, Is.Empty);
    }

    // A task that a test or a cluster has left is not the operator's.
    private static bool IsOperators(AggregateException e) => e.ToString().Split('\n').Any(line =>
        line.TrimStart() is var frame && (frame.StartsWith("at LlmKube.Operator.", StringComparison.Ordinal) || frame.StartsWith("at KubeOps.", StringComparison.Ordinal))
        && !frame.StartsWith("at LlmKube.Operator.LocalCluster.", StringComparison.Ordinal) && !frame.StartsWith("at LlmKube.Operator.Tests.", StringComparison.Ordinal));

    private static void Remember(object? sender, UnobservedTaskExceptionEventArgs e) => s_seen.Enqueue(e.Exception);
}
