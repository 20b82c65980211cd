namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>
/// Hands on an answer once all of it has come. The client package reads answers with calls that block: at a part that is still on its way, each holds a thread. A
/// stream without an end, such as a watch, is handed on as it is.
/// </summary>
internal sealed class WholeAnswers : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Content.Headers.ContentLength is not null) await answer.Content.LoadIntoBufferAsync(cancellationToken);
        return answer;
    }
}
