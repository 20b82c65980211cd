namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Why a patch was refused, which decides the status code.</summary>
internal enum PatchFailure
{
    /// <summary>The patch itself can't be read: 400 BadRequest.</summary>
    Malformed,

    /// <summary>The patch does not fit the document: 422 Invalid.</summary>
    Inapplicable,

    /// <summary>The real server has no word for it: 500, without a reason.</summary>
    Failed,
}

/// <summary>A patch that can't be applied; nothing was changed.</summary>
internal sealed class PatchException(PatchFailure failure, string message) : Exception(message)
{
    public PatchFailure Failure { get; } = failure;
}
