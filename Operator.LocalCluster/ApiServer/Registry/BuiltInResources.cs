using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Registry;

/// <summary>The resources that exist without a CustomResourceDefinition.</summary>
internal static class BuiltInResources
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Authorization = "authorization.k8s.io";
    private const string Authentication = "authentication.k8s.io";

    public static IReadOnlyList<ResourceDefinition> All { get; } = [.. Core(), .. Workloads(), .. Policies(), .. Access()];

    private static IEnumerable<ResourceDefinition> Core() =>
    [
        Cluster("", "v1", "namespaces", "Namespace", "ns") with
        {
            HasStatus = true, NameRule = NameRule.Label, Rules = new NamespaceRules(), DeletesCollections = false,
            SelectableFields = SelectableFields.Of(("status.phase", o => o.Text("status", "phase"))),
        },
        Cluster("", "v1", "nodes", "Node", "no") with
        {
            HasStatus = true, StatusOnCreate = true,
            SelectableFields = SelectableFields.Of(("spec.unschedulable", o => o.Flag("spec", "unschedulable") ? "true" : "false")),
        },
        Namespaced("", "v1", "pods", "Pod", "po") with
        {
            HasStatus = true, CountsGeneration = true, Categories = ["all"], Rules = new PodRules(), ReturnsDeleted = true, SelectableFields = SelectableFields.Pod,
        },
        Namespaced("", "v1", "services", "Service", "svc") with
        {
            HasStatus = true, CreateOnUpdate = true, Categories = ["all"], NameRule = NameRule.Dns1035Label, Rules = new ServiceRules(), ReturnsDeleted = true,
            SelectableFields = SelectableFields.Of(("spec.clusterIP", o => o.Text("spec", "clusterIP")), ("spec.type", o => o.Text("spec", "type"))),
        },
        Namespaced("", "v1", "endpoints", "Endpoints", "ep") with { CreateOnUpdate = true, Singular = "endpoints" },
        Namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc") with { HasStatus = true, Rules = new ClaimRules(), ReturnsDeleted = true },
        Cluster("", "v1", "persistentvolumes", "PersistentVolume", "pv") with { HasStatus = true, Rules = new VolumeRules(), ReturnsDeleted = true },
        Namespaced("", "v1", "configmaps", "ConfigMap", "cm") with { Rules = new ConfigMapRules() },
        Namespaced("", "v1", "secrets", "Secret") with { Rules = new SecretRules(), SelectableFields = SelectableFields.Of(("type", o => o.Text("type"))) },
        Namespaced("", "v1", "serviceaccounts", "ServiceAccount", "sa") with { ReturnsDeleted = true },
        Namespaced("", "v1", "events", "Event", "ev") with { CreateOnUpdate = true, NameRule = NameRule.Any, Rules = new EventRules(), SelectableFields = SelectableFields.Event },
    ];

    private static IEnumerable<ResourceDefinition> Workloads() =>
    [
        Workload("deployments", "Deployment", "deploy") with { Scale = ScalePaths.Workload, Rules = new WorkloadRules("Deployment") },
        Workload("replicasets", "ReplicaSet", "rs") with { Scale = ScalePaths.Workload, Rules = new WorkloadRules("ReplicaSet") },
        Workload("statefulsets", "StatefulSet", "sts") with { Scale = ScalePaths.Workload, Rules = new WorkloadRules("StatefulSet") },
        Workload("daemonsets", "DaemonSet", "ds") with { Rules = new WorkloadRules("DaemonSet") },
        Namespaced("batch", "v1", "jobs", "Job") with
        {
            HasStatus = true, CountsGeneration = true, Categories = ["all"], Rules = new JobRules(),
            SelectableFields = SelectableFields.Of(("status.successful", o => $"{o.Number("status", "succeeded") ?? 0}")),
        },
        Namespaced("batch", "v1", "cronjobs", "CronJob", "cj") with { HasStatus = true, CountsGeneration = true, Categories = ["all"] },
        Namespaced("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa") with { HasStatus = true, Categories = ["all"], Rules = new AutoscalerRules() },
        Namespaced("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice") with { CountsGeneration = true },
    ];

    private static IEnumerable<ResourceDefinition> Policies() =>
    [
        Namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb") with { HasStatus = true, CountsGeneration = true, UnconditionalUpdate = false, Rules = new BudgetRules() },
        Namespaced("coordination.k8s.io", "v1", "leases", "Lease") with { CreateOnUpdate = true, UnconditionalUpdate = false, Rules = new LeaseRules() },
        Cluster("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc") with { CountsGeneration = true, Rules = new PriorityClassRules() },
        Cluster("storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc") with { ReturnsDeleted = true },
        Namespaced("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol") with { CountsGeneration = true },
        Namespaced("networking.k8s.io", "v1", "ingresses", "Ingress", "ing") with { HasStatus = true, CountsGeneration = true },
        Cluster("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", "crd", "crds") with
        {
            HasStatus = true, CountsGeneration = true, Categories = ["api-extensions"], Rules = new CustomResourceDefinitionRules(),
        },
    ];

    private static IEnumerable<ResourceDefinition> Access() =>
    [
        Namespaced(Rbac, "v1", "roles", "Role") with { CreateOnUpdate = true, NameRule = NameRule.PathSegment },
        Namespaced(Rbac, "v1", "rolebindings", "RoleBinding") with { CreateOnUpdate = true, NameRule = NameRule.PathSegment, Rules = new RoleBindingRules() },
        Cluster(Rbac, "v1", "clusterroles", "ClusterRole") with { CreateOnUpdate = true, NameRule = NameRule.PathSegment },
        Cluster(Rbac, "v1", "clusterrolebindings", "ClusterRoleBinding") with { CreateOnUpdate = true, NameRule = NameRule.PathSegment, Rules = new RoleBindingRules() },
        Cluster(Authentication, "v1", "tokenreviews", "TokenReview") with { IsReview = true },
        Cluster(Authentication, "v1", "selfsubjectreviews", "SelfSubjectReview") with { IsReview = true },
        Cluster(Authorization, "v1", "subjectaccessreviews", "SubjectAccessReview") with { IsReview = true },
        Cluster(Authorization, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview") with { IsReview = true },
        Cluster(Authorization, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview") with { IsReview = true },
        Namespaced(Authorization, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview") with { IsReview = true },
    ];

    private static ResourceDefinition Namespaced(string group, string version, string plural, string kind, params string[] shortNames) => new()
    {
        Group = group,
        Version = version,
        Plural = plural,
        Kind = kind,
        ShortNames = shortNames,
        Schema = BuiltInSchemas.For(group, version, kind),
    };

    private static ResourceDefinition Cluster(string group, string version, string plural, string kind, params string[] shortNames) =>
        Namespaced(group, version, plural, kind, shortNames) with { Namespaced = false };

    private static ResourceDefinition Workload(string plural, string kind, string shortName) =>
        Namespaced("apps", "v1", plural, kind, shortName) with { HasStatus = true, CountsGeneration = true, Categories = ["all"] };
}
