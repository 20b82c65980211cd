using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>What kubectl shows of volumes and claims.</summary>
internal static class StorageCells
{
    public static string Modes(IReadOnlyList<string> modes) => string.Join(',', modes.Select(m => m switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => m,
    }));

    public static string Claim(JsonObject volume) => volume.Text("spec", "claimRef", "name") is { } name ? $"{volume.Text("spec", "claimRef", "namespace")}/{name}" : "";
}
