using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Checks the spec of a pod or a pod template: names, images, ports, mounts, resources, policies.</summary>
internal static partial class PodSpecValidation
{
    public static IEnumerable<FieldError> Errors(JsonObject spec, string path)
    {
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (volume, at) in Indexed(spec, "volumes", path))
        {
            var name = volume.Text("name") ?? "";
            foreach (var error in NameErrors(name, $"{at}.name")) yield return error;
            if (!volumes.Add(name)) yield return FieldError.Duplicate($"{at}.name", name);
        }

        if (!spec.Objects("containers").Any()) yield return FieldError.Required($"{path}.containers");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var (container, at) in Indexed(spec, list, path))
            {
                foreach (var error in ContainerErrors(container, volumes, at)) yield return error;
                if (container.Text("name") is { Length: > 0 } name && !names.Add(name)) yield return FieldError.Duplicate($"{at}.name", name);
            }
        }

        foreach (var error in FieldChecks.OneOf(spec, "restartPolicy", path, "Always", "OnFailure", "Never")) yield return error;
        foreach (var error in FieldChecks.OneOf(spec, "dnsPolicy", path, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")) yield return error;
        foreach (var error in TolerationErrors(spec, path)) yield return error;
    }

    private static IEnumerable<FieldError> ContainerErrors(JsonObject container, HashSet<string> volumes, string path)
    {
        foreach (var error in NameErrors(container.Text("name") ?? "", $"{path}.name")) yield return error;
        if (string.IsNullOrEmpty(container.Text("image"))) yield return FieldError.Required($"{path}.image");
        foreach (var error in FieldChecks.OneOf(container, "imagePullPolicy", path, "Always", "IfNotPresent", "Never")) yield return error;
        foreach (var error in PortErrors(container, path)) yield return error;
        foreach (var (variable, at) in Indexed(container, "env", path))
        {
            if (string.IsNullOrEmpty(variable.Text("name"))) yield return FieldError.Required($"{at}.name");
            if (variable["valueFrom"] is not null && !string.IsNullOrEmpty(variable.Text("value"))) yield return FieldError.Invalid($"{at}.valueFrom", "", "may not be specified when `value` is not empty");
        }

        foreach (var (mount, at) in Indexed(container, "volumeMounts", path))
        {
            if (!volumes.Contains(mount.Text("name") ?? "")) yield return new($"{at}.name", "FieldValueNotFound", $"Not found: \"{mount.Text("name")}\"");
            if (string.IsNullOrEmpty(mount.Text("mountPath"))) yield return FieldError.Required($"{at}.mountPath");
        }

        foreach (var error in ResourceErrors(container, $"{path}.resources")) yield return error;
    }

    private static IEnumerable<FieldError> PortErrors(JsonObject container, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (port, at) in Indexed(container, "ports", path))
        {
            if (port.Number("containerPort") is not { } number || number == 0) yield return FieldError.Required($"{at}.containerPort");
            else foreach (var error in FieldChecks.Port(number, $"{at}.containerPort")) yield return error;
            foreach (var error in FieldChecks.OneOf(port, "protocol", at, "SCTP", "TCP", "UDP")) yield return error;
            if (port.Text("name") is not { Length: > 0 } name) continue;
            foreach (var error in FieldChecks.PortName(name, $"{at}.name")) yield return error;
            if (!names.Add(name)) yield return FieldError.Duplicate($"{at}.name", name);
        }
    }

    private static IEnumerable<FieldError> ResourceErrors(JsonObject container, string path)
    {
        foreach (var (name, node) in container.At("resources", "limits") as JsonObject ?? [])
        {
            if (!FieldChecks.TryQuantity(node, out var limit)) continue;
            if (container.At("resources", "requests", name) is not { } asked)
            {
                continue;
            }

            if (!FieldChecks.TryQuantity(asked, out var request)) continue;
            if (request.CompareTo(limit) > 0) yield return FieldError.Invalid($"{path}.requests", asked.ToString(), $"must be less than or equal to {name} limit of {node}");
            else if (IsExtended(name) && request.CompareTo(limit) != 0) yield return FieldError.Invalid($"{path}.requests", asked.ToString(), $"must be equal to {name} limit of {node}");
        }

        foreach (var name in (container.At("resources", "requests") as JsonObject ?? []).Select(r => r.Key))
        {
            if (IsExtended(name) && container.At("resources", "limits", name) is null) yield return FieldError.Required($"{path}.limits", "Limit must be set for non overcommitable resources");
        }
    }

    private static IEnumerable<FieldError> TolerationErrors(JsonObject spec, string path)
    {
        foreach (var (toleration, at) in Indexed(spec, "tolerations", path))
        {
            var operation = toleration.Text("operator") ?? "Equal";
            if (operation is not ("Equal" or "Exists")) yield return FieldError.NotSupported($"{at}.operator", operation, ["Equal", "Exists"]);
            if (string.IsNullOrEmpty(toleration.Text("key")) && operation is not "Exists") yield return FieldError.Invalid($"{at}.operator", operation, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            if (operation is "Exists" && !string.IsNullOrEmpty(toleration.Text("value"))) yield return FieldError.Invalid($"{at}.operator", toleration["value"], "value must be empty when `operator` is 'Exists'");
            if (toleration.Text("effect") is { Length: > 0 } effect and not ("NoSchedule" or "PreferNoSchedule" or "NoExecute")) yield return FieldError.NotSupported($"{at}.effect", effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        }
    }

    // A resource with a domain outside of kubernetes.io, such as nvidia.com/gpu: counted in whole devices.
    private static bool IsExtended(string resource) => ExtendedForm().IsMatch(resource);

    private static IEnumerable<FieldError> NameErrors(string name, string path)
    {
        if (name.Length == 0) return [FieldError.Required(path)];
        return NameRule.Label.Problems(name).Select(p => FieldError.Invalid(path, name, p));
    }

    private static IEnumerable<(JsonObject Item, string Path)> Indexed(JsonObject json, string list, string path) =>
        json.Objects(list).Select((item, i) => (item, $"{path}.{list}[{i}]"));

    [GeneratedRegex(@"^(?!([^/]*\.)?kubernetes\.io/)[^/]+/[^/]+\z")]
    private static partial Regex ExtendedForm();
}
