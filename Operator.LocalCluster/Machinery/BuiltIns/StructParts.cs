namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The fields that built-in types hold by value, and which therefore always exist, if only as an empty object.</summary>
internal static class StructParts
{
    private const string Table = """
        Binding target
        CSIDriver spec
        CSINode spec
        ClusterRoleBinding roleRef
        Container resources
        ContainerStatus state lastState
        CronJob spec status
        CronJobSpec jobTemplate
        CustomResourceDefinition spec status
        CustomResourceDefinitionSpec names
        CustomResourceDefinitionStatus acceptedNames
        DaemonSet spec status
        DaemonSetSpec template updateStrategy
        Deployment spec status
        DeploymentSpec template strategy
        Endpoint conditions
        EphemeralContainer resources
        HTTPIngressPath backend
        HorizontalPodAutoscaler spec status
        HorizontalPodAutoscalerSpec scaleTargetRef
        Ingress spec status
        IngressClass spec
        IngressServiceBackend port
        IngressStatus loadBalancer
        Job spec status
        JobSpec template
        JobTemplateSpec metadata spec
        Lease spec
        LimitRange spec
        LocalSubjectAccessReview spec status
        Namespace spec status
        NetworkPolicy spec
        NetworkPolicySpec podSelector
        Node spec status
        NodeDaemonEndpoints kubeletEndpoint
        NodeStatus daemonEndpoints nodeInfo
        PersistentVolume spec status
        PersistentVolumeClaim spec status
        PersistentVolumeClaimSpec resources
        PersistentVolumeClaimTemplate metadata spec
        Pod spec status
        PodDisruptionBudget spec status
        PodTemplate template
        PodTemplateSpec metadata spec
        PreferredSchedulingTerm preference
        ReplicaSet spec status
        ReplicaSetSpec template
        ReplicationController spec status
        ResourceMetricSource target
        ResourceMetricStatus current
        ResourceQuota spec status
        RoleBinding roleRef
        Scale spec status
        SelfSubjectAccessReview spec status
        Service spec status
        ServiceStatus loadBalancer
        StatefulSet spec status
        StatefulSetSpec template updateStrategy
        SubjectAccessReview spec status
        TokenReview spec status
        TokenReviewStatus user
        VolumeAttachment spec status
        VolumeAttachmentSpec source
        WeightedPodAffinityTerm podAffinityTerm
        """;

    private static readonly Dictionary<string, string[]> Types = Table
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToDictionary(words => words[0], words => words[1..]);

    public static IReadOnlyList<string> Of(string type) => Types.GetValueOrDefault(type, []);
}
