using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>How far the fetch of a Model is.</summary>
public sealed record ModelDownload
{
    /// <summary>Bytes of the file that are there, those of earlier runs among them.</summary>
    public long? Bytes { get; set; }

    /// <summary>The length of the file in bytes. Absent until the source has told it.</summary>
    public long? TotalBytes { get; set; }

    /// <summary>Bytes in percent of totalBytes, 0 to 100.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    public int? Percent { get; set; }

    /// <summary>The present rate, smoothed.</summary>
    public long? BytesPerSecond { get; set; }

    /// <summary>Seconds that what is left takes at that rate.</summary>
    public long? EtaSeconds { get; set; }
}
