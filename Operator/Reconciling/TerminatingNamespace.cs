using System.Net;
using k8s.Autorest;

namespace LlmKube.Operator.Reconciling;

/// <summary>Recognises that nothing can be created any more because the namespace is being deleted.</summary>
internal static class TerminatingNamespace
{
    // The cause's reason in the API's Status object (corev1.NamespaceTerminatingCause).
    private const string Cause = "NamespaceTerminating";

    /// <summary>True if this is why an action was refused.</summary>
    public static bool Refused(ActionFailure refusal) =>
        refusal.Cause is HttpOperationException { Response: { StatusCode: HttpStatusCode.Forbidden, Content: { } content } }
        && (content.Contains(Cause, StringComparison.Ordinal) || content.Contains("because it is being terminated", StringComparison.Ordinal));
}
