using System.Net;
using k8s.Autorest;
using k8s.Exceptions;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>Why a question could not be answered, in words for who asked it.</summary>
internal sealed class PluginFailure(string message) : Exception(message)
{
    /// <summary>The same of what went wrong at the API server or before it; null: it is a fault of the program.</summary>
    public static PluginFailure? Of(Exception e) => e switch
    {
        PluginFailure own => own,
        HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden } h => new($"you lack a right: {ApiStatus.MessageOf(h)}"),
        HttpOperationException { Response.StatusCode: HttpStatusCode.Unauthorized } => new("the cluster does not take your credentials: log in anew, or name another --context"),
        HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound } => new("the cluster does not know Models and InferenceServices: their definitions are not installed (kubectl apply -k .)"),
        HttpOperationException h => new($"the cluster refused: {ApiStatus.MessageOf(h)}"),
        HttpRequestException or TaskCanceledException or System.Net.Sockets.SocketException => new($"the cluster can't be reached: {(e.InnerException ?? e).Message}"),
        KubeConfigException or YamlDotNet.Core.YamlException or IOException or UnauthorizedAccessException => new($"the kubeconfig can't be used: {e.Message.ReplaceLineEndings(" ")}"),
        _ => null,
    };
}
