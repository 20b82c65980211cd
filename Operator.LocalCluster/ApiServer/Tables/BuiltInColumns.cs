using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>The columns of built-in kinds after the name, as kubectl get prints them.</summary>
internal static class BuiltInColumns
{
    private static readonly TableColumn Age = TableColumns.Age;

    private static readonly Dictionary<string, IReadOnlyList<TableColumn>> Kinds = new(StringComparer.Ordinal)
    {
        ["Namespace"] = [Text("Status", o => o.Text("status", "phase")), Age],
        ["Node"] = [Text("Status", NodeCells.Status), Text("Roles", NodeCells.Roles), Age, Text("Version", o => o.Text("status", "nodeInfo", "kubeletVersion"))],
        ["Pod"] =
        [
            Text("Ready", PodCells.Ready), Text("Status", PodCells.Status), Text("Restarts", PodCells.Restarts), Age,
            Wide("IP", o => None(o.Text("status", "podIP"))), Wide("Node", o => None(o.Text("spec", "nodeName"))),
            Wide("Nominated Node", o => None(o.Text("status", "nominatedNodeName"))), Wide("Readiness Gates", _ => "<none>"),
        ],
        ["Service"] = [Text("Type", o => o.Text("spec", "type")), Text("Cluster-IP", o => None(o.Text("spec", "clusterIP"))), Text("External-IP", ServiceCells.External), Text("Port(s)", ServiceCells.Ports), Age, Wide("Selector", o => None(Labels(o, "spec", "selector")))],
        ["PersistentVolumeClaim"] =
        [
            Text("Status", o => o.IsDeleting ? "Terminating" : o.Text("status", "phase")), Text("Volume", o => o.Text("spec", "volumeName")), Text("Capacity", o => o.Text("status", "capacity", "storage")),
            Text("Access Modes", o => StorageCells.Modes(o.Texts("status", "accessModes"))), Text("StorageClass", o => o.Text("spec", "storageClassName")), Age, Wide("VolumeMode", o => o.Text("spec", "volumeMode")),
        ],
        ["PersistentVolume"] =
        [
            Text("Capacity", o => o.Text("spec", "capacity", "storage")), Text("Access Modes", o => StorageCells.Modes(o.Texts("spec", "accessModes"))), Text("Reclaim Policy", o => o.Text("spec", "persistentVolumeReclaimPolicy")),
            Text("Status", o => o.IsDeleting ? "Terminating" : o.Text("status", "phase")), Text("Claim", StorageCells.Claim), Text("StorageClass", o => o.Text("spec", "storageClassName")), Age,
        ],
        ["StorageClass"] = [Text("Provisioner", o => o.Text("provisioner")), Text("ReclaimPolicy", o => o.Text("reclaimPolicy")), Text("VolumeBindingMode", o => o.Text("volumeBindingMode")), Age],
        ["ConfigMap"] = [Whole("Data", o => Size(o, "data") + Size(o, "binaryData")), Age],
        ["Secret"] = [Text("Type", o => o.Text("type")), Whole("Data", o => Size(o, "data")), Age],
        ["ServiceAccount"] = [Whole("Secrets", o => o.Objects("secrets").Count()), Age],
        ["Event"] =
        [
            new("Last Seen", "string", (o, now) => TableColumns.Since(o.Text("lastTimestamp") ?? o.Text("eventTime") ?? o.Text("firstTimestamp"), now)), Text("Type", o => o.Text("type")), Text("Reason", o => o.Text("reason")),
            Text("Object", o => $"{o.Text("involvedObject", "kind")?.ToLowerInvariant()}/{o.Text("involvedObject", "name")}"), Text("Message", o => o.Text("message")?.Trim()),
        ],
        ["Deployment"] =
        [
            Text("Ready", o => $"{o.Number("status", "readyReplicas") ?? 0}/{o.Number("spec", "replicas") ?? 1}"), Whole("Up-to-date", o => o.Number("status", "updatedReplicas") ?? 0), Whole("Available", o => o.Number("status", "availableReplicas") ?? 0),
            Age, Wide("Containers", o => PodCells.Containers(o, "name")), Wide("Images", o => PodCells.Containers(o, "image")), Wide("Selector", o => SelectorText.Of(o.At("spec", "selector") as JsonObject)),
        ],
        ["ReplicaSet"] = [Whole("Desired", o => o.Number("spec", "replicas") ?? 1), Whole("Current", o => o.Number("status", "replicas") ?? 0), Whole("Ready", o => o.Number("status", "readyReplicas") ?? 0), Age],
        ["StatefulSet"] = [Text("Ready", o => $"{o.Number("status", "readyReplicas") ?? 0}/{o.Number("spec", "replicas") ?? 1}"), Age],
        ["DaemonSet"] = [Whole("Desired", o => o.Number("status", "desiredNumberScheduled") ?? 0), Whole("Ready", o => o.Number("status", "numberReady") ?? 0), Age],
        ["Job"] = [Text("Status", JobCells.Status), Text("Completions", JobCells.Completions), new("Duration", "string", JobCells.Duration), Age],
        ["PodDisruptionBudget"] = [Text("Min Available", o => o.At("spec", "minAvailable")?.ToString() ?? "N/A"), Text("Max Unavailable", o => o.At("spec", "maxUnavailable")?.ToString() ?? "N/A"), Whole("Allowed Disruptions", o => o.Number("status", "disruptionsAllowed") ?? 0), Age],
        ["Lease"] = [Text("Holder", o => o.Text("spec", "holderIdentity")), Age],
        ["PriorityClass"] = [Whole("Value", o => o.Number("value") ?? 0), new("Global-Default", "boolean", (o, _) => o.Flag("globalDefault")), Age],
        ["RoleBinding"] = [Text("Role", o => $"{o.Text("roleRef", "kind")}/{o.Text("roleRef", "name")}"), Age],
        ["ClusterRoleBinding"] = [Text("Role", o => $"{o.Text("roleRef", "kind")}/{o.Text("roleRef", "name")}"), Age],
        ["Role"] = [Text("Created At", o => o.Metadata.Text("creationTimestamp"))],
        ["ClusterRole"] = [Text("Created At", o => o.Metadata.Text("creationTimestamp"))],
        ["CustomResourceDefinition"] = [Text("Created At", o => o.Metadata.Text("creationTimestamp"))],
        ["NetworkPolicy"] = [Text("Pod-Selector", o => SelectorText.Of(o.At("spec", "podSelector") as JsonObject) is { Length: > 0 } s ? s : "<none>"), Age],
        ["HorizontalPodAutoscaler"] =
        [
            Text("Reference", o => $"{o.Text("spec", "scaleTargetRef", "kind")}/{o.Text("spec", "scaleTargetRef", "name")}"), Text("MinPods", o => $"{o.Number("spec", "minReplicas") ?? 1}"),
            Whole("MaxPods", o => o.Number("spec", "maxReplicas") ?? 0), Whole("Replicas", o => o.Number("status", "currentReplicas") ?? 0), Age,
        ],
        ["EndpointSlice"] = [Text("AddressType", o => o.Text("addressType")), Text("Ports", ServiceCells.SlicePorts), Text("Endpoints", ServiceCells.SliceAddresses), Age],
        ["Endpoints"] = [Text("Endpoints", ServiceCells.Endpoints), Age],
    };

    public static IEnumerable<TableColumn> Of(string kind) => Kinds.TryGetValue(kind, out var columns) ? columns : [Age];

    internal static string None(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private static string Labels(JsonObject o, params ReadOnlySpan<string> path) => string.Join(',', o.TextMap(path).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    private static int Size(JsonObject o, string map) => (o[map] as JsonObject)?.Count ?? 0;

    private static TableColumn Text(string name, Func<JsonObject, string?> cell) => new(name, "string", (o, _) => cell(o) ?? "");

    private static TableColumn Wide(string name, Func<JsonObject, string?> cell) => Text(name, cell) with { Priority = 1 };

    private static TableColumn Whole(string name, Func<JsonObject, long> cell) => new(name, "integer", (o, _) => cell(o));
}
