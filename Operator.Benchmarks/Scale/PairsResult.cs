namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>What came of creating so many pairs at once.</summary>
internal sealed record PairsResult
{
    public required int Pairs { get; init; }

    /// <summary>From the first create until the last child was there.</summary>
    public required TimeSpan Children { get; init; }

    /// <summary>From the first create until all were Ready.</summary>
    public required TimeSpan Ready { get; init; }

    /// <summary>CPU time of the operator until then, its start included.</summary>
    public required TimeSpan Cpu { get; init; }

    /// <summary>CPU time meanwhile of the process with the cluster (if it is one made here) and of who creates and watches.</summary>
    public required TimeSpan CpuOfOthers { get; init; }

    /// <summary>The operator's peak of memory until then, in bytes.</summary>
    public required long Peak { get; init; }

    /// <summary>The same after it has been scraped.</summary>
    public required long PeakScraped { get; init; }

    /// <summary>Requests until then.</summary>
    public required IReadOnlyDictionary<(string Verb, string Resource), double> Requests { get; init; }

    /// <summary>The most writes that any one Model got.</summary>
    public required int MostModelWrites { get; init; }

    /// <summary>The most writes that any one InferenceService got.</summary>
    public required int MostServiceWrites { get; init; }

    /// <summary>Writes for a while after it had come to rest.</summary>
    public required double IdleWrites { get; init; }

    /// <summary>What the next operator needed that found all of this.</summary>
    public required StartResult Start { get; init; }

    /// <summary>Writes that Models needed, each on average.</summary>
    public double WritesPerModel => Requests.WritesForModels() / Pairs;

    /// <summary>Writes that InferenceServices needed, each on average.</summary>
    public double WritesPerService => Requests.WritesForServices() / Pairs;
}

/// <summary>How an operator started that found so many pairs.</summary>
/// <param name="Ready">Until it said that it was ready.</param>
/// <param name="Drained">Until it had looked at every object once.</param>
/// <param name="Cpu">CPU time until then.</param>
/// <param name="Peak">Its peak of memory, in bytes, scrapes included.</param>
/// <param name="Writes">Writes that it made.</param>
internal sealed record StartResult(TimeSpan Ready, TimeSpan Drained, TimeSpan Cpu, long Peak, double Writes);
