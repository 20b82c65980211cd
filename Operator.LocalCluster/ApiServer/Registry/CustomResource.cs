using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Registry;

/// <summary>Makes resources of a CustomResourceDefinition: one for each version that is served.</summary>
internal static class CustomResource
{
    public static IEnumerable<ResourceDefinition> Of(JsonObject crd) =>
        crd.Objects("spec", "versions").Where(v => v.Flag("served")).Select(v => Of(crd, v));

    private static ResourceDefinition Of(JsonObject crd, JsonObject version)
    {
        var schema = version.At("schema", "openAPIV3Schema") as JsonObject;
        var subresources = version["subresources"] as JsonObject ?? [];
        var scale = subresources["scale"] as JsonObject;
        return new()
        {
            Group = crd.Text("spec", "group") ?? "",
            Version = version.Text("name") ?? "",
            Plural = crd.Text("spec", "names", "plural") ?? "",
            Singular = crd.Text("spec", "names", "singular") ?? "",
            Kind = crd.Text("spec", "names", "kind") ?? "",
            ListKindName = crd.Text("spec", "names", "listKind"),
            ShortNames = crd.Texts("spec", "names", "shortNames"),
            Categories = crd.Texts("spec", "names", "categories"),
            Namespaced = crd.Text("spec", "scope") is "Namespaced",
            HasStatus = subresources.ContainsKey("status"),
            CountsGeneration = true,
            UnconditionalUpdate = false,
            Scale = scale is null ? null : new(scale.Text("specReplicasPath") ?? "", scale.Text("statusReplicasPath") ?? "", scale.Text("labelSelectorPath")),
            IsCustom = true,
            OpenApi = schema,
            Schema = schema is null ? null : Schema.Parse(schema),
            PrinterColumns = [.. version.Objects("additionalPrinterColumns")],
            SelectableFields = SelectableFields.OfPaths(version.Objects("selectableFields").Select(f => f.Text("jsonPath")).OfType<string>()),
            Rules = ObjectRules.None,
        };
    }
}
