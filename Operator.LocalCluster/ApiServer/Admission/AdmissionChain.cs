using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission;

/// <summary>The admission plugins of a real API server that matter here: namespace lifecycle, pod priority, default storage class, pod security, rights to owner references.</summary>
internal sealed class AdmissionChain(ObjectStore store, OwnerReferenceAdmission owners)
{
    private static readonly string[] Permanent = ["default", "kube-system", "kube-public"];

    private readonly PriorityAdmission _priority = new(store);
    private readonly StorageClassAdmission _storageClass = new(store);
    private readonly PodSecurityAdmission _podSecurity = new(store);

    public void Create(ResourceDefinition resource, string @namespace, JsonObject json, WriteOptions options)
    {
        if (resource.Namespaced && !resource.IsReview) CheckNamespace(resource, @namespace, json.Name);
        owners.Admit(resource, json, null, options.User);
        if (resource.IsCustom)
        {
            CheckDefinition(resource, json.Name);
            return;
        }

        switch (resource.Kind)
        {
            case "Pod":
                _priority.Admit(resource, json);
                _podSecurity.Admit(resource, @namespace, json);
                break;
            case "PersistentVolumeClaim":
                _storageClass.Admit(json);
                break;
            default:
                break;
        }

        _podSecurity.Warn(resource, @namespace, json, options);
    }

    public void Update(ResourceDefinition resource, string @namespace, JsonObject json, JsonObject old, WriteScope scope, WriteOptions options)
    {
        if (scope is not WriteScope.Main) return;
        owners.Admit(resource, json, old, options.User);
        if (resource.IsCustom) return;

        // What may be changed of a pod is nothing that is checked.
        if (resource.Kind == "Pod") PriorityAdmission.Keep(json, old);
        else _podSecurity.Warn(resource, @namespace, json, options);
    }

    /// <summary>Refuses the deletion of the namespaces that every cluster has.</summary>
    public static void Delete(ResourceDefinition resource, string name)
    {
        if (resource is { Kind: "Namespace", Group: "" } && Permanent.Contains(name))
        {
            throw ApiException.Forbidden(resource.GroupResource, name, "this namespace may not be deleted");
        }
    }

    // One that is being deleted serves the objects that there are, which finalizers may hold, and takes no others.
    private void CheckDefinition(ResourceDefinition resource, string name)
    {
        if (store.Find("apiextensions.k8s.io/customresourcedefinitions", $"{resource.Plural}.{resource.Group}")?.Json.IsDeleting != true) return;
        throw ApiException.Forbidden(resource.GroupResource, name, "create not allowed while custom resource definition is terminating");
    }

    private void CheckNamespace(ResourceDefinition resource, string @namespace, string name)
    {
        var found = store.Find("/namespaces", @namespace)?.Json ?? throw ApiException.NotFound(new("", "namespaces"), @namespace);
        if (found.Text("status", "phase") is not "Terminating") return;
        throw ApiException.Forbidden(
            resource.GroupResource,
            name,
            $"unable to create new content in namespace {@namespace} because it is being terminated",
            new Cause("NamespaceTerminating", "metadata.namespace", $"namespace {@namespace} is being terminated"));
    }
}
