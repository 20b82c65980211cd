using System.Text.Json;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// A stored object has a value that its C# type can't hold. Retrying does not help until the object changes, so a reconcile that ends
/// in this is not retried: it waits for the next event.
/// </summary>
/// <param name="message">Which object, and what is wrong with it.</param>
/// <param name="cause">The decoder's complaint.</param>
public sealed class UndecodableObjectException(string message, Exception cause) : JsonException(message, cause);
