namespace LlmKube.Operator.InferenceServices;

/// <summary>What is known of how a server has loaded its model.</summary>
internal abstract record LoadReport
{
    private LoadReport() { }

    /// <summary>The server says how much of the model is on GPUs.</summary>
    /// <param name="Device">The GPUs in its words; null: it uses none, or doesn't name them.</param>
    /// <param name="Layers">Layers on GPUs.</param>
    /// <param name="Total">All layers; null: it found no GPU, and has not counted them.</param>
    public sealed record Offload(string? Device, int Layers, int? Total) : LoadReport
    {
        /// <summary>The share of the layers that are on GPUs, from 0 to 1.</summary>
        public double Ratio => RatioOf(Layers, Total);
    }

    /// <summary>Its log tells of the load, and not where the layers went.</summary>
    public sealed record Unsaid : LoadReport;

    /// <summary>Its log does not tell of the load: the beginning has been rotated away.</summary>
    public sealed record Rotated : LoadReport;

    /// <summary>Its log can't be read at present.</summary>
    /// <param name="Cause">Why.</param>
    public sealed record Unreadable(string Cause) : LoadReport;

    /// <summary>The share of layers that are on GPUs, from 0 to 1.</summary>
    public static double RatioOf(int layers, int? total) => layers <= 0 ? 0 : total is > 0 and var all ? Math.Min(1, (double)layers / all) : 1;
}
