using System.Net;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Gives services their addresses and node ports, and keeps them.</summary>
internal sealed class ServiceRules : ObjectRules
{
    public override void PrepareCreate(JsonObject json, RuleContext context)
    {
        json["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        Allocate(json, [], context);
    }

    public override void PrepareUpdate(JsonObject json, JsonObject old, RuleContext context)
    {
        var spec = json.Ensure("spec");
        var before = old["spec"] as JsonObject ?? [];
        if (spec.Text("type") is "ExternalName")
        {
            foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) spec.Remove(field);
            return;
        }

        if (string.IsNullOrEmpty(spec.Text("clusterIP"))) KeepAddress(spec, before);
        foreach (var field in (string[])["ipFamilies", "ipFamilyPolicy"])
        {
            if (before[field] is { } kept) spec.Fill(field, kept.DeepClone());
        }

        if (HasNodePorts(spec)) KeepPorts(spec, before);
        else if (HasNodePorts(before)) DropPorts(spec, before);
        Allocate(json, before, context);
    }

    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        var spec = json["spec"] as JsonObject ?? [];
        var type = spec.Text("type") ?? "";
        foreach (var error in FieldChecks.OneOf(spec, "type", "spec", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort")) yield return error;
        if (type is "ExternalName" && string.IsNullOrEmpty(spec.Text("externalName"))) yield return FieldError.Required("spec.externalName");
        var ports = spec.Objects("ports").ToList();
        if (ports.Count == 0 && spec.Text("clusterIP") is not "None" && type is not "ExternalName") yield return FieldError.Required("spec.ports");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var at = $"spec.ports[{i}]";
            foreach (var error in FieldChecks.Port(ports[i].Number("port") ?? 0, $"{at}.port")) yield return error;
            if (ApiObject.AsNumber(ports[i]["targetPort"]) is { } target)
            {
                foreach (var error in FieldChecks.Port(target, $"{at}.targetPort")) yield return error;
            }

            foreach (var error in FieldChecks.OneOf(ports[i], "protocol", at, "SCTP", "TCP", "UDP")) yield return error;
            var name = ports[i].Text("name") ?? "";
            if (name.Length == 0)
            {
                if (ports.Count > 1) yield return FieldError.Required($"{at}.name");
                continue;
            }

            foreach (var problem in NameRule.Label.Problems(name)) yield return FieldError.Invalid($"{at}.name", name, problem);
            if (!names.Add(name)) yield return FieldError.Duplicate($"{at}.name", name);
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old)
    {
        if (string.IsNullOrEmpty(old.Text("spec", "clusterIP")) || json.Text("spec", "type") is "ExternalName" || old.Text("spec", "type") is "ExternalName") return [];
        return FieldChecks.Immutable(json.At("spec", "clusterIP"), old.At("spec", "clusterIP"), "spec.clusterIP");
    }

    private static void Allocate(JsonObject json, JsonObject before, RuleContext context)
    {
        var spec = json.Ensure("spec");
        if (spec.Text("type") is "ExternalName") return;
        if (spec.Text("clusterIP") is not { Length: > 0 } asked) spec["clusterIP"] = context.Addresses.NextAddress();
        else if (string.IsNullOrEmpty(before.Text("clusterIP")) && Refusal(asked, context.Addresses) is { } refusal) throw ApiException.Invalid("Service", "", json.Name, refusal);
        if (spec["clusterIPs"] is not JsonArray { Count: > 0 }) spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
        if (spec["ipFamilies"] is not JsonArray { Count: > 0 }) spec["ipFamilies"] = new JsonArray("IPv4");
        spec.Fill("ipFamilyPolicy", "SingleStack");
        if (!HasNodePorts(spec)) return;
        foreach (var port in spec.Objects("ports"))
        {
            if ((port.Number("nodePort") ?? 0) == 0) port["nodePort"] = context.Addresses.NextPort();
        }
    }

    private static Cause? Refusal(string asked, AddressPool addresses)
    {
        if (asked is "None") return null;
        if (!IPAddress.TryParse(asked, out var address)) return Refused($"\"{asked}\"", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)", "[0]");
        if (!addresses.Covers(address)) return Refused($"[\"{asked}\"]", $"failed to allocate IP {asked}: the provided IP ({asked}) is not in the valid range. The range of valid IPs is {addresses.Range}");
        return addresses.IsTaken(asked) ? Refused($"[\"{asked}\"]", $"failed to allocate IP {asked}: provided IP is already allocated") : null;
    }

    private static Cause Refused(string value, string why, string index = "") => new("FieldValueInvalid", $"spec.clusterIPs{index}", $"Invalid value: {value}: {why}");

    private static void KeepAddress(JsonObject spec, JsonObject before)
    {
        spec.CopyField("clusterIP", before);
        spec.CopyField("clusterIPs", before);
    }

    private static void KeepPorts(JsonObject spec, JsonObject before)
    {
        foreach (var port in spec.Objects("ports"))
        {
            var same = before.Objects("ports").FirstOrDefault(p => p.Number("port") == port.Number("port") && p.Text("protocol") == port.Text("protocol"));
            if (same?["nodePort"] is { } kept && (port.Number("nodePort") ?? 0) == 0) port["nodePort"] = kept.DeepClone();
        }
    }

    // A service that no longer wants node ports gives back those it was given.
    private static void DropPorts(JsonObject spec, JsonObject before)
    {
        var given = before.Objects("ports").Select(p => p.Number("nodePort")).ToHashSet();
        foreach (var port in spec.Objects("ports").Where(p => given.Contains(p.Number("nodePort")))) port.Remove("nodePort");
    }

    private static bool HasNodePorts(JsonObject spec) => spec.Text("type") is "NodePort"
        || (spec.Text("type") is "LoadBalancer" && (spec["allocateLoadBalancerNodePorts"] is null || spec.Flag("allocateLoadBalancerNodePorts")));
}
