namespace KubeOps.Abstractions.Events;

/// <summary>Whether what happened is as it should be.</summary>
public enum EventType
{
    /// <summary>It is.</summary>
    Normal,

    /// <summary>Somebody should look.</summary>
    Warning,
}
