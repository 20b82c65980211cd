namespace LlmKube.Operator.Gguf;

/// <summary>The bytes are not a GGUF file that llama.cpp could load; the message says what is wrong, and where.</summary>
internal sealed class GgufException(string message) : Exception(message);
