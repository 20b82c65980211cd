namespace LlmKube.Operator.LocalCluster.Nodes.Probes;

/// <summary>Turns the results of a probe into its verdict: so many in a row change it.</summary>
/// <param name="successThreshold">Successes in a row that make it pass.</param>
/// <param name="failureThreshold">Failures in a row that make it fail.</param>
internal sealed class ProbeCounter(int successThreshold, int failureThreshold)
{
    private bool _last;
    private int _inARow;

    /// <returns>The verdict, if this result brings or confirms one; null while it takes more of them.</returns>
    public bool? Count(bool success)
    {
        _inARow = success == _last ? _inARow + 1 : 1;
        _last = success;
        return _inARow >= (success ? successThreshold : failureThreshold) ? success : null;
    }
}
