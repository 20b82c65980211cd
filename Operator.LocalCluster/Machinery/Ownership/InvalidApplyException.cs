namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>An applied object that can't be merged: a field its kind doesn't have, a value of the wrong type, an entry twice.</summary>
/// <param name="message">The real server's message.</param>
/// <param name="isBadRequest">True for 400 BadRequest; else the real server answers 500.</param>
internal sealed class InvalidApplyException(string message, bool isBadRequest = false) : Exception(message)
{
    public bool IsBadRequest { get; } = isBadRequest;
}
