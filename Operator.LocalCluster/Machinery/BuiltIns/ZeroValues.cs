namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Which fields of the built-in types lose their zero value (false, 0, "") when they are stored, and which keep even an empty list.</summary>
internal static class ZeroValues
{
    private const string Table = """
        Container stdin stdinOnce tty image workingDir imagePullPolicy terminationMessagePath terminationMessagePolicy
        EphemeralContainer stdin stdinOnce tty image workingDir imagePullPolicy
        ContainerPort hostPort hostIP name protocol
        CustomResourceColumnDefinition priority format description
        CustomResourceDefinitionSpec preserveUnknownFields
        CustomResourceDefinitionVersion deprecated
        DaemonSetSpec minReadySeconds
        DaemonSetStatus observedGeneration updatedNumberScheduled numberAvailable numberUnavailable
        DeploymentSpec minReadySeconds paused
        DeploymentStatus observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas
        EmptyDirVolumeSource medium
        EnvVar value
        HorizontalPodAutoscalerStatus currentReplicas
        JobStatus active succeeded failed
        KeyToPath mode
        NFSVolumeSource readOnly
        NodeSpec unschedulable podCIDR providerID
        ObjectMeta generation generateName namespace selfLink
        PersistentVolumeClaimSpec volumeName
        PersistentVolumeClaimVolumeSource readOnly
        PersistentVolumeSpec storageClassName
        PodDisruptionBudgetStatus observedGeneration
        PodSpec hostNetwork hostPID hostIPC nodeName hostname subdomain serviceAccountName serviceAccount priorityClassName schedulerName restartPolicy dnsPolicy
        PodStatus observedGeneration phase message reason hostIP podIP nominatedNodeName
        PriorityClass globalDefault description
        Probe initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold
        ReplicaSetSpec minReadySeconds
        ReplicaSetStatus fullyLabeledReplicas readyReplicas availableReplicas observedGeneration
        ScaleSpec replicas
        ServicePort nodePort name protocol
        ServiceSpec healthCheckNodePort publishNotReadyAddresses clusterIP type externalName loadBalancerIP sessionAffinity externalTrafficPolicy
        StatefulSetSpec minReadySeconds podManagementPolicy
        StatefulSetStatus observedGeneration readyReplicas currentReplicas updatedReplicas
        Toleration key operator value effect
        VolumeMount readOnly subPath subPathExpr
        """;

    private static readonly HashSet<(string Type, string Field)> Dropped =
    [
        .. Table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' '))
            .SelectMany(words => words[1..].Select(field => (words[0], field))),
    ];

    private static readonly HashSet<(string Type, string Field)> Kept =
    [
        ("ClusterRole", "rules"), ("Role", "rules"), ("PolicyRule", "verbs"), ("PodSpec", "containers"), ("EndpointSlice", "endpoints"),
        ("EndpointSlice", "ports"), ("CustomResourceDefinitionSpec", "versions"), ("CustomResourceDefinitionStatus", "conditions"),
        ("CustomResourceDefinitionStatus", "storedVersions"), ("NodeSelector", "nodeSelectorTerms"),
    ];

    public static bool IsDropped(string type, string field) => Dropped.Contains((type, field));

    public static bool IsKept(string? type, string field) => type is not null && Kept.Contains((type, field));
}
