namespace LlmKube.Operator.Entities;

/// <summary>Annotations on the objects that the operator makes, for people to read. A manifest sets none of them.</summary>
public static class Annotations
{
    /// <summary>A hash of what the operator last applied to a child.</summary>
    public const string DesiredHash = ApiGroup.Name + "/desired-hash";

    /// <summary>The uid of the cache claim that a fetch Job was made for.</summary>
    public const string CacheClaim = ApiGroup.Name + "/cache-claim";

    /// <summary>The source that a fetch Job or a cache entry is about.</summary>
    public const string Source = ApiGroup.Name + "/source";

    /// <summary>Kubernetes' number of a Deployment's rollout.</summary>
    public const string DeploymentRevision = "deployment.kubernetes.io/revision";

    /// <summary>On a Deployment: the replicas that the InferenceService asked for when it was last applied. What it has been scaled to since is overruled when that changes.</summary>
    public const string AskedReplicas = ApiGroup.Name + "/asked-replicas";

    /// <summary>On a Deployment: the generations of what its pod template was last applied for, a hash of what of them comes into pods, and one of which fields were sent. What changes the template otherwise is the operator's own doing.</summary>
    public const string AppliedFor = ApiGroup.Name + "/applied-for";

    /// <summary>
    /// On a Deployment whose pods are being replaced because of the operator's own version or options: how many served before, and whether on the CPU. It goes when as many do again, on the GPUs that they have. Others wait for that.
    /// </summary>
    public const string Upgrade = ApiGroup.Name + "/upgrade";
}
