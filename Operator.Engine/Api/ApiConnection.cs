using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Sends requests through the HTTP client and with the credentials of a <see cref="Kubernetes"/>. The typed methods of that class
/// decode whole lists at once and hide the watch stream; we need both item by item.
/// </summary>
internal sealed class ApiConnection
{
    // A peer answers in real time, whatever the engine's clock says; so this one is the system's.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(100);

    private readonly Kubernetes _kubernetes;

    /// <summary>A connection over an existing client.</summary>
    /// <exception cref="NotSupportedException">It is not a <see cref="Kubernetes"/>.</exception>
    public ApiConnection(IKubernetes kubernetes) => _kubernetes = kubernetes as Kubernetes ?? throw new NotSupportedException(
        $"The engine needs a {typeof(Kubernetes)} for its HTTP connection, and was given a {kubernetes.GetType()}.");

    /// <summary>The address of the API server.</summary>
    public Uri BaseUri => _kubernetes.BaseUri;

    /// <summary>Sends a request and waits for the headers of a successful response.</summary>
    /// <param name="request">The request; its address is relative to the server's. It is disposed with the response.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="HttpOperationException">The server refused; the message is its own.</exception>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(_kubernetes.BaseUri, request.RequestUri!);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_kubernetes.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, cancellationToken);

        var response = await _kubernetes.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw await RefusedAsync(request, response, cancellationToken);
    }

    /// <summary>Sends a request and returns the whole body of a successful response.</summary>
    /// <inheritdoc cref="OpenAsync" path="/param"/>
    /// <inheritdoc cref="OpenAsync" path="/exception"/>
    /// <exception cref="TimeoutException">The server took longer than 100 seconds.</exception>
    public async Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await OpenAsync(request, either.Token);
            return await response.Content.ReadAsByteArrayAsync(either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{request.Method} {request.RequestUri} was not answered within {RequestTimeout.TotalSeconds:F0} seconds.", e);
        }
    }

    private static async Task<HttpOperationException> RefusedAsync(
        HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var status = StatusOf(body);
        var message = status?.Message ?? $"{(int)response.StatusCode} {response.ReasonPhrase}";
        return new HttpOperationException($"{request.Method} {request.RequestUri?.AbsolutePath}: {message}")
        {
            Request = new HttpRequestMessageWrapper(request, ""),
            Response = new HttpResponseMessageWrapper(response, body),
            Body = status,
        };
    }

    private static V1Status? StatusOf(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<V1Status>(body, WireFormat.Options);
        }
        catch (JsonException)
        {
            return null; // A proxy's error page, say. The body is in the exception.
        }
    }
}
