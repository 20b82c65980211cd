namespace KubeOps.Abstractions.Entities;

/// <summary>When <c>kubectl get</c> shows a column.</summary>
public enum PrinterColumnPriority
{
    /// <summary>Always (priority 0).</summary>
    StandardView,

    /// <summary>With <c>-o wide</c> only (priority 1).</summary>
    WideView,
}
