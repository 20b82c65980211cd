namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>How one field of a built-in type is merged.</summary>
/// <param name="List">For server-side apply: as a whole, as a set, or by keys.</param>
/// <param name="Keys">The keys of a list map.</param>
/// <param name="PatchKey">The key a strategic merge patch matches entries by.</param>
/// <param name="PatchMerges">A strategic merge patch merges the list.</param>
/// <param name="Retains">A strategic merge patch may carry $retainKeys here.</param>
/// <param name="PatchReplaces">A strategic merge patch replaces the object.</param>
/// <param name="AtomicMap">One manager owns the whole map.</param>
internal sealed record MergeRule(
    ListKind List = ListKind.Atomic,
    IReadOnlyList<string>? Keys = null,
    string? PatchKey = null,
    bool PatchMerges = false,
    bool Retains = false,
    bool PatchReplaces = false,
    bool AtomicMap = false);

/// <summary>
/// The merge rules of the built-in types, as the Kubernetes API's types declare them (+listType, +mapType, +structType,
/// patchStrategy, patchMergeKey). What is not listed: maps and objects merge, lists are one value.
/// </summary>
internal static class MergeRules
{
    // Type.field: the keys of server-side apply; then, where it differs or adds something, how a strategic merge patch sees it.
    private const string Table = """
        ObjectMeta.ownerReferences                      map uid                            merge uid
        ObjectMeta.finalizers                           set                                merge
        PodSpec.volumes                                 map name                           merge name retainKeys
        PodSpec.initContainers                          map name                           merge name
        PodSpec.containers                              map name                           merge name
        PodSpec.ephemeralContainers                     map name                           merge name
        PodSpec.imagePullSecrets                        map name                           merge name
        PodSpec.hostAliases                             map ip                             merge ip
        PodSpec.topologySpreadConstraints               map topologyKey,whenUnsatisfiable  merge topologyKey
        PodSpec.schedulingGates                         map name                           merge name
        PodSpec.resourceClaims                          map name                           merge name retainKeys
        PodSpec.nodeSelector                            atomicMap
        Container.ports                                 map containerPort,protocol         merge containerPort
        Container.env                                   map name                           merge name
        Container.volumeMounts                          map mountPath                      merge mountPath
        Container.volumeDevices                         map devicePath                     merge devicePath
        EphemeralContainer.ports                        map containerPort,protocol         merge containerPort
        EphemeralContainer.env                          map name                           merge name
        EphemeralContainer.volumeMounts                 map mountPath                      merge mountPath
        EphemeralContainer.volumeDevices                map devicePath                     merge devicePath
        ContainerRestartRuleOnExitCodes.values          set
        ContainerStatus.volumeMounts                    map mountPath                      merge mountPath
        ContainerStatus.allocatedResourcesStatus        map name                           merge name
        ResourceStatus.resources                        map resourceID
        ResourceRequirements.claims                     map name
        PodStatus.conditions                            map type                           merge type
        PodStatus.hostIPs                               atomic                             merge ip
        PodStatus.podIPs                                map ip                             merge ip
        PodStatus.resourceClaimStatuses                 map name                           merge name retainKeys
        ServiceSpec.ports                               map port,protocol                  merge port
        ServiceSpec.selector                            atomicMap
        ServiceStatus.conditions                        map type                           merge type
        ServiceAccount.secrets                          map name                           merge name
        NodeSpec.podCIDRs                               set                                merge
        NodeStatus.conditions                           map type                           merge type
        NodeStatus.addresses                            map type                           merge type
        NamespaceStatus.conditions                      map type                           merge type
        PersistentVolumeClaimStatus.conditions          map type                           merge type
        ReplicationControllerSpec.selector              atomicMap
        ReplicationControllerStatus.conditions          map type                           merge type
        DeploymentSpec.strategy                         struct                             retainKeys
        DeploymentStatus.conditions                     map type                           merge type
        ReplicaSetStatus.conditions                     map type                           merge type
        StatefulSetStatus.conditions                    map type                           merge type
        DaemonSetStatus.conditions                      map type                           merge type
        JobStatus.conditions                            atomic                             merge type
        PodFailurePolicyOnExitCodesRequirement.values   set
        UncountedTerminatedPods.succeeded               set
        UncountedTerminatedPods.failed                  set
        PodDisruptionBudgetSpec.selector                struct                             replace
        PodDisruptionBudgetStatus.conditions            map type                           merge type
        HorizontalPodAutoscalerStatus.conditions        map type                           merge type
        CSIDriverSpec.volumeLifecycleModes              set
        CSINodeSpec.drivers                             map name                           merge name
        Endpoint.addresses                              set
        EndpointSlice.endpoints                         atomic
        ServiceCIDRStatus.conditions                    map type                           merge type
        ValidatingAdmissionPolicyBindingSpec.validationActions set
        ValidatingAdmissionPolicySpec.matchConditions   map name                           merge name
        ValidatingAdmissionPolicySpec.variables         map name                           merge name
        ValidatingAdmissionPolicyStatus.conditions      map type
        ValidatingWebhookConfiguration.webhooks         map name                           merge name
        MutatingWebhookConfiguration.webhooks           map name                           merge name
        ValidatingWebhook.matchConditions               map name                           merge name
        MutatingWebhook.matchConditions                 map name                           merge name
        CustomResourceDefinitionStatus.conditions       map type
        JSONSchemaProps.x-kubernetes-validations        map rule                           merge rule
        """;

    private static readonly Dictionary<string, MergeRule> Fields = Table
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(words => words[0], Read);

    // Types of which one manager owns the whole.
    private static readonly HashSet<string> AtomicTypes =
    [
        "ConfigMapKeySelector", "CrossVersionObjectReference", "EndpointAddress", "EndpointPort", "FileKeySelector",
        "LabelSelector", "LocalObjectReference", "MatchResources", "NamedRuleWithOperations", "NodeSelector",
        "NodeSelectorTerm", "ObjectFieldSelector", "ObjectReference", "OwnerReference", "ParamKind", "ParamRef",
        "ResourceFieldSelector", "RoleRef", "ScopeSelector", "SecretKeySelector", "SecretReference",
        "ServiceBackendPort", "Subject", "TopologySelectorTerm", "TypedLocalObjectReference", "Variable",
    ];

    public static MergeRule? For(string type, string field) => Fields.GetValueOrDefault($"{type}.{field}");

    public static bool IsAtomic(string type) => AtomicTypes.Contains(type);

    private static MergeRule Read(string[] words)
    {
        var merge = Array.IndexOf(words, "merge");
        var rule = new MergeRule(
            PatchMerges: merge > 0,
            PatchKey: merge > 0 && merge + 1 < words.Length && words[merge + 1] is not "retainKeys" ? words[merge + 1] : null,
            Retains: words[^1] is "retainKeys",
            PatchReplaces: words[^1] is "replace");
        return words[1] switch
        {
            "map" => rule with { List = ListKind.Map, Keys = words[2].Split(',') },
            "set" => rule with { List = ListKind.Set },
            "atomicMap" => rule with { AtomicMap = true },
            _ => rule,
        };
    }
}
