namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>Paths and bodies that the behaviours share.</summary>
internal static class Objects
{
    public const string Maps = "/api/v1/namespaces/$ns/configmaps";
    public const string Pods = "/api/v1/namespaces/$ns/pods";
    public const string Services = "/api/v1/namespaces/$ns/services";
    public const string Claims = "/api/v1/namespaces/$ns/persistentvolumeclaims";
    public const string Secrets = "/api/v1/namespaces/$ns/secrets";
    public const string Deployments = "/apis/apps/v1/namespaces/$ns/deployments";
    public const string Jobs = "/apis/batch/v1/namespaces/$ns/jobs";
    public const string Leases = "/apis/coordination.k8s.io/v1/namespaces/$ns/leases";
    public const string Policies = "/apis/networking.k8s.io/v1/namespaces/$ns/networkpolicies";
    public const string Budgets = "/apis/policy/v1/namespaces/$ns/poddisruptionbudgets";
    public const string Widgets = "/apis/$group/v1/namespaces/$ns/widgets";
    public const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    public static string Map(string name, string more = "") => $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"{{{more}}}},"data":{"k":"v"}}""";

    public static string Widget(string name, string spec = "\"min\":1", string more = "") =>
        $$$"""{"apiVersion":"$group/v1","kind":"Widget","metadata":{"name":"{{{name}}}"{{{more}}}},"spec":{{{{spec}}}}}""";

    public static string Pod(string name, string spec = "", string more = "") =>
        $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"{{{more}}}},"spec":{"containers":[{"name":"c","image":"i:1"}]{{{spec}}}}}""";

    public static string Deployment(string name, int replicas = 1, string image = "i:1") =>
        $$$$$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{{name}}}}}"},"spec":{"replicas":{{{{{replicas}}}}},"selector":{"matchLabels":{"app":"{{{{{name}}}}}"}},"template":{"metadata":{"labels":{"app":"{{{{{name}}}}}"}},"spec":{"containers":[{"name":"c","image":"{{{{{image}}}}}"}]}}}}""";

    public static string Service(string name, string spec = "\"ports\":[{\"port\":80}]") =>
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{{{{spec}}}}}""";

    public static string Job(string name, string policy = "Never", string more = "") =>
        $$$"""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{{name}}}"},"spec":{"template":{"spec":{"restartPolicy":"{{{policy}}}","containers":[{"name":"c","image":"i:1"}]}}{{{more}}}}}""";

    public static string Claim(string name, string size = "1Gi", string more = "") =>
        $$$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{{name}}}"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"{{{size}}}"}}{{{more}}}}}""";
}
