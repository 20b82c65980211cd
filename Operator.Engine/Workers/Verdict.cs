using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Workers;

/// <summary>How an attempt to reconcile has ended.</summary>
internal abstract record Verdict
{
    /// <summary>Nothing is left to do.</summary>
    public static readonly Verdict Done = new Settled(null);

    private Verdict(int weight) => Weight = weight;

    private int Weight { get; }

    /// <summary>What a controller's result means.</summary>
    public static Verdict Of<TEntity>(ReconciliationResult<TEntity> result)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        result switch
        {
            { IsSuccess: true } => new Settled(result.RequeueAfter),
            { Error: { } error } when IsConflict(error) => new Conflicted(error),
            { Error: UndecodableObjectException error } => new Parked(error),
            { Error: null, RequeueAfter: { } wait } => new NotYet(wait, result.ErrorMessage),
            { ErrorMessage: var message } => new Failed(message ?? "", result.Error, result.RequeueAfter),
        };

    /// <summary>What an exception means.</summary>
    public static Verdict Of(Exception exception) => exception switch
    {
        UndecodableObjectException => new Parked(exception),
        _ when IsConflict(exception) => new Conflicted(exception),
        _ => new Failed(exception.Message, exception, null),
    };

    /// <summary>Both of these, in one: the worse, or the one that looks again sooner.</summary>
    public Verdict And(Verdict other) => (this, other) switch
    {
        (Settled { LookAgainIn: { } mine }, Settled { LookAgainIn: { } its }) => mine < its ? this : other,
        _ => other.Weight > Weight ? other : this,
    };

    private static bool IsConflict(Exception exception) =>
        exception is HttpOperationException { Response.StatusCode: HttpStatusCode.Conflict };

    /// <summary>All is as it should be.</summary>
    /// <param name="LookAgainIn">When the controller wants to look again; null for not before something changes.</param>
    public sealed record Settled(TimeSpan? LookAgainIn) : Verdict(LookAgainIn is null ? 0 : 2);

    /// <summary>An object that is needed can't be read. No error that a retry could mend: the next event may.</summary>
    /// <param name="Cause">Which object, and why not.</param>
    public sealed record Parked(Exception Cause) : Verdict(1);

    /// <summary>Something must come first. No error.</summary>
    /// <param name="LookAgainIn">When to look.</param>
    /// <param name="Why">What is waited for.</param>
    public sealed record NotYet(TimeSpan LookAgainIn, string Why) : Verdict(3);

    /// <summary>Somebody else wrote first. To be tried again from what is there now.</summary>
    /// <param name="Cause">The server's refusal.</param>
    public sealed record Conflicted(Exception Cause) : Verdict(4);

    /// <summary>It went wrong. To be tried again, later and later.</summary>
    /// <param name="Message">What went wrong.</param>
    /// <param name="Cause">The exception, if there was one.</param>
    /// <param name="RetryAfter">When the controller asked to be called again; null leaves that to the queue.</param>
    public sealed record Failed(string Message, Exception? Cause, TimeSpan? RetryAfter) : Verdict(5);
}
