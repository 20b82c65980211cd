using System.Diagnostics.CodeAnalysis;

using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>How a reconcile ended.</summary>
/// <typeparam name="TEntity">The reconciled kind.</typeparam>
public sealed record ReconciliationResult<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(
        TEntity entity, bool isSuccess, string? errorMessage, Exception? error, TimeSpan? requeueAfter)
    {
        Entity = entity;
        IsSuccess = isSuccess;
        ErrorMessage = errorMessage;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    /// <summary>The object, as far as the controller knows it.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether the controller is content.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess { get; }

    /// <summary>Whether it is not.</summary>
    [MemberNotNullWhen(true, nameof(ErrorMessage))]
    public bool IsFailure => !IsSuccess;

    /// <summary>Why it is not content.</summary>
    public string? ErrorMessage { get; }

    /// <summary>The exception behind that, if there is one.</summary>
    public Exception? Error { get; }

    /// <summary>When to look again even if nothing changes; null for not at all.</summary>
    public TimeSpan? RequeueAfter { get; set; }

#pragma warning disable CA1000 // KubeOps' shape.
    /// <summary>All is as it should be.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="requeueAfter">When to look again even if nothing changes.</param>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null)
        => new(entity, isSuccess: true, errorMessage: null, error: null, requeueAfter);

    /// <summary>Something is not as it should be.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="errorMessage">What.</param>
    /// <param name="error">The exception behind it, if there is one.</param>
    /// <param name="requeueAfter">When to look again; with this and no exception the failure means "not yet".</param>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null)
        => new(entity, isSuccess: false, errorMessage, error, requeueAfter);
#pragma warning restore CA1000
}
