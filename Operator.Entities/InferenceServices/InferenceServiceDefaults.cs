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

    /// <summary>Seconds that a server may take to load its model.</summary>
    public const int StartupTimeoutSeconds = 1800;

    /// <summary>The least that can be said of it: one question.</summary>
    public const int LeastStartupTimeoutSeconds = 10;

    /// <summary>The most: a week.</summary>
    public const int MostStartupTimeoutSeconds = 604800;

    /// <summary>llama.cpp's server for CPUs.</summary>
    public const string Image = "ghcr.io/ggml-org/llama.cpp:server";

    /// <summary>For how many seconds a pod that is to end goes on with the requests that it is answering.</summary>
    public const int DrainTimeoutSeconds = 60;
}
