namespace LlmKube.Operator.Entities;

/// <summary>What holds where an <see cref="InferenceServiceSpec"/> is silent.</summary>
public static class InferenceServiceDefaults
{
    /// <summary>Replicas of a service that names no number.</summary>
    public const int Replicas = 1;

    /// <summary>The port of the Service and the server.</summary>
    public const int Port = 8080;

    /// <summary>The HTTP path of the chat API.</summary>
    public const string Path = "/v1/chat/completions";

    /// <summary>llama.cpp's server for CPUs.</summary>
    public const string Image = "ghcr.io/ggml-org/llama.cpp:server";
}
