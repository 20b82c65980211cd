using System.Globalization;
using System.Text.Json.Serialization;
using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>One chat completion through the service's address, over plain HTTP as any client sends it.</summary>
internal static class ChatQuestion
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks. The proxy hears of ready pods a moment after their status: connections refused till then are tried again.</summary>
    /// <param name="endpoint">The URL of chat completions.</param>
    /// <param name="tokens">The most tokens of an answer.</param>
    /// <param name="patience">How long to try again.</param>
    /// <exception cref="CannotRunException">The server refused, or can't be reached.</exception>
    public static async Task<ChatAnswer> AskAsync(HttpClient http, Uri endpoint, string question, int tokens, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.PostAsJsonAsync(endpoint, new { messages = new[] { new { role = "user", content = question } }, max_tokens = tokens }, cancellation);
                if (!answer.IsSuccessStatusCode) throw new CannotRunException($"{endpoint} answered {(int)answer.StatusCode}: {(await answer.Content.ReadAsStringAsync(cancellation)).ReplaceLineEndings(" ").Trim()}");
                var completion = await answer.Content.ReadFromJsonAsync<Completion>(cancellation);
                return completion is { Choices: [{ Message.Content: { } text }, ..] }
                    ? new(text.Trim(), completion.Usage?.CompletionTokens ?? 0, completion.Timings?.PredictedPerSecond)
                    : throw new CannotRunException($"{endpoint} answered without a message");
            }
            catch (HttpRequestException e)
            {
                if (time.GetElapsedTime(start) > patience) throw new CannotRunException($"{endpoint} can't be reached: {e.Message}");
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    private sealed record Completion(
        [property: JsonPropertyName("choices")] IReadOnlyList<Choice>? Choices,
        [property: JsonPropertyName("usage")] Usage? Usage,
        [property: JsonPropertyName("timings")] Timings? Timings);

    private sealed record Choice([property: JsonPropertyName("message")] Message? Message);

    private sealed record Message([property: JsonPropertyName("content")] string? Content);

    private sealed record Usage([property: JsonPropertyName("completion_tokens")] int CompletionTokens);

    private sealed record Timings([property: JsonPropertyName("predicted_per_second")] double? PredictedPerSecond);
}

/// <param name="Text">What the model said.</param>
/// <param name="Tokens">How many tokens that were.</param>
/// <param name="TokensPerSecond">How fast, as the server measured it.</param>
internal sealed record ChatAnswer(string Text, int Tokens, double? TokensPerSecond)
{
    /// <summary>The text in one line. What a terminal would obey is left out: a model may say anything.</summary>
    public string Line => string.Concat(Text.ReplaceLineEndings(" ").Where(c => !char.IsControl(c)));

    /// <summary>Such as <c>48 tokens, 1234 per second</c>.</summary>
    public string Speed => TokensPerSecond is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"{Tokens} tokens, {rate:0} per second")
        : string.Create(CultureInfo.InvariantCulture, $"{Tokens} tokens");
}
