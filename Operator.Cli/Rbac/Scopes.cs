using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>Which resources are in namespaces, and which are the cluster's, to which a Role can't give rights: Kubernetes' own by name, others by the classes of their kinds.</summary>
internal sealed class Scopes(IEnumerable<EntityType> kinds)
{
    // All of Kubernetes 1.35, those that are in no stable version left out.
    private static readonly (string Group, string[] OfCluster, string[] InNamespaces)[] s_kubernetes =
    [
        ("", ["componentstatuses", "namespaces", "nodes", "persistentvolumes"],
            ["bindings", "configmaps", "endpoints", "events", "limitranges", "persistentvolumeclaims", "pods", "podtemplates", "replicationcontrollers", "resourcequotas", "secrets", "serviceaccounts", "services"]),
        ("admissionregistration.k8s.io", ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "mutatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingwebhookconfigurations"], []),
        ("apiextensions.k8s.io", ["customresourcedefinitions"], []),
        ("apiregistration.k8s.io", ["apiservices"], []),
        ("apps", [], ["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]),
        ("authentication.k8s.io", ["selfsubjectreviews", "tokenreviews"], []),
        ("authorization.k8s.io", ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews"], ["localsubjectaccessreviews"]),
        ("autoscaling", [], ["horizontalpodautoscalers"]),
        ("batch", [], ["cronjobs", "jobs"]),
        ("certificates.k8s.io", ["certificatesigningrequests"], []),
        ("coordination.k8s.io", [], ["leases"]),
        ("discovery.k8s.io", [], ["endpointslices"]),
        ("events.k8s.io", [], ["events"]),
        ("flowcontrol.apiserver.k8s.io", ["flowschemas", "prioritylevelconfigurations"], []),
        ("networking.k8s.io", ["ingressclasses", "ipaddresses", "servicecidrs"], ["ingresses", "networkpolicies"]),
        ("node.k8s.io", ["runtimeclasses"], []),
        ("policy", [], ["poddisruptionbudgets"]),
        ("rbac.authorization.k8s.io", ["clusterrolebindings", "clusterroles"], ["rolebindings", "roles"]),
        ("resource.k8s.io", ["deviceclasses", "resourceslices"], ["resourceclaims", "resourceclaimtemplates"]),
        ("scheduling.k8s.io", ["priorityclasses"], []),
        ("storage.k8s.io", ["csidrivers", "csinodes", "storageclasses", "volumeattachments", "volumeattributesclasses"], ["csistoragecapacities"]),
    ];

    private static readonly Dictionary<(string Group, string Resource), bool> s_isOfCluster = s_kubernetes
        .SelectMany(k => k.OfCluster.Select(r => (k.Group, Resource: r, Is: true)).Concat(k.InNamespaces.Select(r => (k.Group, Resource: r, Is: false))))
        .ToDictionary(r => (r.Group, r.Resource), r => r.Is);

    private readonly Dictionary<(string Group, string Resource), bool> _isOfCluster = kinds
        .GroupBy(k => (k.Group, k.Plural)).ToDictionary(k => k.Key, k => k.Any(each => each.IsClusterScoped));

    /// <summary>Whether a resource, or one that a subresource belongs to, is the cluster's.</summary>
    /// <exception cref="CliException">Nothing says so. A guess would put a right into a Role where it is none, or leave it out.</exception>
    public bool IsOfCluster(string group, string resource)
    {
        var key = (group, resource.Split('/')[0]);
        if (s_isOfCluster.TryGetValue(key, out var known) || _isOfCluster.TryGetValue(key, out known)) return known;
        throw new CliException($"'{resource}' in the group '{group}': whether it is in namespaces is not known; name its class in [EntityRbac], with [EntityScope] if it is in none");
    }
}
