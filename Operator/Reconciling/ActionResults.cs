using System.Net;
using System.Runtime.ExceptionServices;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>What became of one action.</summary>
/// <param name="Action">The action.</param>
/// <param name="After">The object as the server has it now, where it told.</param>
/// <param name="Changed">False if nothing had to be done.</param>
internal sealed record ActionResult(DesiredAction Action, IKubernetesObject<V1ObjectMeta>? After, bool Changed);

/// <summary>Why an action failed.</summary>
/// <param name="Action">The action.</param>
/// <param name="Cause">What went wrong.</param>
internal sealed record ActionFailure(DesiredAction Action, Exception Cause)
{
    private HttpStatusCode? Status => (Cause as HttpOperationException)?.Response.StatusCode;

    /// <summary>True if the server understood and said no (invalid, forbidden, over quota): the same request would be refused again, so it belongs in the status.</summary>
    public bool IsRejection => Status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity;

    /// <summary>True for a refusal that may pass without a change of the object: a quota is freed, a policy or a role is edited.</summary>
    public bool MayPass => Status is HttpStatusCode.Forbidden;

    /// <summary>True if what was to be changed is gone since it was observed: a race that is lost, as with a conflict, and no error.</summary>
    public bool HasVanished => Action is DesiredAction.Patch && Status is HttpStatusCode.NotFound;

    /// <summary>The server's words.</summary>
    public string Message => Cause is HttpOperationException answered ? ApiStatus.MessageOf(answered) : Cause.Message;
}

/// <summary>What became of a decision's actions: those done, and the failure that stopped the rest.</summary>
internal sealed record ActionResults(IReadOnlyList<ActionResult> Done, ActionFailure? Failure)
{
    /// <summary>True if the cluster is not as it was observed.</summary>
    public bool ChangedSomething => Done.Any(d => d.Changed);

    /// <summary>The object of this kind as it came back from the last action on it, or null.</summary>
    public T? After<T>() where T : class, IKubernetesObject<V1ObjectMeta> => Done.Select(d => d.After).OfType<T>().LastOrDefault();

    /// <summary>The object of this kind and name as it came back from the last action on it, or null.</summary>
    public T? After<T>(string? name) where T : class, IKubernetesObject<V1ObjectMeta> => Done.Select(d => d.After).OfType<T>().LastOrDefault(o => o.Metadata.Name == name);

    /// <summary>Lets a failure go on to the worker, who tries again later; called when it has reached the status.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is { } failure) ExceptionDispatchInfo.Throw(failure.Cause);
    }
}
