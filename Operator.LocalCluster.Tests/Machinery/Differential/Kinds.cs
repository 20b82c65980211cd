using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>The kinds that scenarios are about.</summary>
internal sealed record Kind(string Group, string Version, string Name, string Plural, bool IsCustom)
{
    public static IReadOnlyList<Kind> All { get; } =
    [
        new("", "v1", "ConfigMap", "configmaps", false),
        new("", "v1", "Service", "services", false),
        new("apps", "v1", "Deployment", "deployments", false),
        new("machinery.test", "v1", "Thing", "things", true),
    ];

    public string ApiVersion => Group is "" ? Version : $"{Group}/{Version}";

    public Schema Schema => IsCustom ? ThingSchema.Value : BuiltInSchemas.For(Group, Version, Name)!;

    /// <summary>A kind with a field of every sort.</summary>
    public static JsonObject ThingDefinition { get; } = (JsonObject)JsonNode.Parse("""
        {
          "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things.machinery.test"},
          "spec": {
            "group": "machinery.test", "scope": "Namespaced", "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "versions": [{
              "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
              "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": {"type": "object", "required": ["mode"], "properties": {
                  "replicas": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 10, "default": 1},
                  "ratio": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 1.5, "multipleOf": 0.25},
                  "mode": {"type": "string", "enum": ["a", "b", "c"]},
                  "level": {"type": "integer", "enum": [1, 2], "nullable": true},
                  "note": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
                  "labels": {"type": "object", "maxProperties": 2, "additionalProperties": {"type": "string"}},
                  "ports": {"type": "array", "maxItems": 3, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
                    "items": {"type": "object", "required": ["port"], "properties": {
                      "port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}, "name": {"type": "string"}, "weights": {"type": "array", "items": {"type": "integer"}}}}},
                  "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                  "args": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                  "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"x": {"type": "string"}, "y": {"type": "integer", "default": 7}}},
                  "nested": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "object", "properties": {"c": {"type": "boolean"}, "d": {"type": "string", "format": "date-time"}}}}},
                  "groups": {"type": "object", "additionalProperties": {"type": "object", "properties": {"size": {"type": "integer", "default": 3}, "owner": {"type": "string"}}}},
                  "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                  "share": {"x-kubernetes-int-or-string": true},
                  "hint": {"type": "string", "nullable": true, "default": "none"},
                  "choice": {"type": "object", "properties": {"left": {"type": "string"}, "right": {"type": "string"}}, "oneOf": [{"required": ["left"]}, {"required": ["right"]}]}
                }},
                "status": {"type": "object", "properties": {
                  "phase": {"type": "string"}, "count": {"type": "integer", "format": "int64"},
                  "conditions": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                    "items": {"type": "object", "required": ["type", "status"], "properties": {"type": {"type": "string"}, "status": {"type": "string", "enum": ["True", "False", "Unknown"]}, "reason": {"type": "string"}}}}}}
              }}}
            }]
          }
        }
        """)!;

    private static Lazy<Schema> ThingSchema { get; } = new(() =>
        Schema.Parse((ThingDefinition["spec"]?["versions"]?[0]?["schema"]?["openAPIV3Schema"] as JsonObject)!));

    public static Kind Named(string name) => All.Single(kind => kind.Name == name);
}
