using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission;

/// <summary>Gives a claim that names no storage class the default one: the newest that is marked as such.</summary>
internal sealed class StorageClassAdmission(ObjectStore store)
{
    private const string Mark = "storageclass.kubernetes.io/is-default-class";

    public void Admit(JsonObject claim)
    {
        var spec = claim.Ensure("spec");
        if (spec["storageClassName"] is not null || claim.Metadata.TextMap("annotations").ContainsKey("volume.beta.kubernetes.io/storage-class")) return;
        var standard = store.Current("storage.k8s.io/storageclasses").Contents.Select(c => c.Json)
            .Where(c => c.Metadata.TextMap("annotations").GetValueOrDefault(Mark) is "true")
            .OrderByDescending(c => c.Metadata.Text("creationTimestamp"), StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault();
        if (standard is not null) spec["storageClassName"] = standard.Name;
    }
}
