using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>What kubectl shows of a service and its endpoints.</summary>
internal static class ServiceCells
{
    private const int MostShown = 3;

    public static string Ports(JsonObject service) => BuiltInColumns.None(string.Join(',', service.Objects("spec", "ports").Select(p =>
        p.Number("nodePort") is > 0 and var node ? $"{p.Number("port")}:{node}/{p.Text("protocol")}" : $"{p.Number("port")}/{p.Text("protocol")}")));

    public static string External(JsonObject service)
    {
        if (service.Text("spec", "type") is "ExternalName") return service.Text("spec", "externalName") ?? "";
        var addresses = service.Objects("status", "loadBalancer", "ingress").Select(i => i.Text("ip") ?? i.Text("hostname")).Concat(service.Texts("spec", "externalIPs"));
        var text = string.Join(',', addresses);
        return text.Length == 0 && service.Text("spec", "type") is "LoadBalancer" ? "<pending>" : BuiltInColumns.None(text);
    }

    public static string SlicePorts(JsonObject slice) => Some(slice.Objects("ports").Select(p => $"{p.Number("port")}"), "<unset>");

    public static string SliceAddresses(JsonObject slice) => Some(slice.Objects("endpoints").SelectMany(e => e.Texts("addresses")), "<unset>");

    public static string Endpoints(JsonObject endpoints) => Some(
        endpoints.Objects("subsets").SelectMany(s => s.Objects("ports").SelectMany(p => s.Objects("addresses").Select(a => $"{a.Text("ip")}:{p.Number("port")}"))), "<none>");

    private static string Some(IEnumerable<string> items, string none)
    {
        var all = items.ToList();
        if (all.Count == 0) return none;
        var shown = string.Join(',', all.Take(MostShown));
        return all.Count > MostShown ? $"{shown} + {all.Count - MostShown} more..." : shown;
    }
}
