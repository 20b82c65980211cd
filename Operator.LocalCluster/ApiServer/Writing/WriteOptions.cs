using LlmKube.Operator.LocalCluster.ApiServer.Authorization;

namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>How a write is to be done.</summary>
internal sealed record WriteOptions
{
    public required User User { get; init; }

    /// <summary>Everything is checked and answered as usual, and nothing is stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who is noted in managedFields.</summary>
    public required string FieldManager { get; init; }

    public FieldValidation FieldValidation { get; init; } = FieldValidation.Warn;

    /// <summary>The object was made by a patch, which decides how a refusal is worded.</summary>
    public bool IsPatch { get; init; }

    /// <summary>Warnings for the client, filled as they arise.</summary>
    public IList<string> Warnings { get; init; } = [];
}

/// <summary>What becomes of fields that the schema doesn't know, and of fields given twice.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>Which part of an object a write may change.</summary>
internal enum WriteScope
{
    Main,
    Status,

    /// <summary>The replicas, through a Scale that may leave the version out.</summary>
    Scale,

    /// <summary>The spec.finalizers of a namespace.</summary>
    Finalize,

    /// <summary>What the server itself decides (bindings, evictions).</summary>
    Internal,
}
