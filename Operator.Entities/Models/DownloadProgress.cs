namespace LlmKube.Operator.Entities;

/// <summary>How far a fetch has come.</summary>
public sealed record DownloadProgress
{
    /// <summary>Bytes fetched so far, those of earlier attempts that could be kept included.</summary>
    public long? BytesTransferred { get; set; }

    /// <summary>The size of the whole file in bytes. Absent if the source does not say.</summary>
    public long? TotalBytes { get; set; }
}
