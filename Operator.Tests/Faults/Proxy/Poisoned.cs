using System.Text;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>What is heard of an object is not what the types say: as if it had been stored under another schema.</summary>
/// <param name="resource">Its plural.</param>
/// <param name="name">Its name.</param>
/// <param name="poison">Makes of the object what is heard.</param>
internal sealed class Poisoned(string resource, string name, Action<JsonObject> poison) : Fault(r => r.Resource == resource)
{
    public override Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer)
    {
        if (answer.Code >= 300 || answer.Json is not JsonObject json) return Task.FromResult(answer);
        var isPoisoned = json["items"] is JsonArray items ? items.Any(Poison) : Poison(json);
        return Task.FromResult(isPoisoned ? answer with { Body = Encoding.UTF8.GetBytes(json.ToJsonString()) } : answer);
    }

    public override IEnumerable<string> Lines(ProxiedRequest request, string line) =>
        JsonNode.Parse(line) is JsonObject told && Poison(told["object"]) ? [told.ToJsonString()] : [line];

    private bool Poison(JsonNode? node)
    {
        if (node is not JsonObject one || (string?)one["metadata"]?["name"] != name || !Take()) return false;
        poison(one);
        return true;
    }
}
