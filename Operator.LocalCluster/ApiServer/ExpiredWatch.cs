namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>How a watch from a revision that the history no longer holds is told so. Clients must understand both.</summary>
public enum ExpiredWatch
{
    /// <summary>Status 200, and one ERROR event that carries the 410; what Kubernetes mostly does.</summary>
    ErrorEvent,

    /// <summary>The answer's status is 410, and no stream begins.</summary>
    HttpStatus,
}
