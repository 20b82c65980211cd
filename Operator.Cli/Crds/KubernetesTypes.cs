using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>Kubernetes' own types where their classes don't say all that their schema must.</summary>
internal static class KubernetesTypes
{
    // Sources: k8s.io/apimachinery/pkg/api/resource, k8s.io/apimachinery/pkg/apis/meta/v1 (Condition, LabelSelector) and k8s.io/api/core/v1 (Affinity).
    private const string Quantity = @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";
    private const string ConditionType = @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";
    private const string ConditionReason = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";

    public static bool IsKubernetes(Type type) => type.Namespace is "k8s" or "k8s.Models";

    /// <summary>The schema of a type that is not written as its properties are; null for all others.</summary>
    public static JsonObject? SchemaOf(Type type) => type.FullName switch
    {
        "k8s.Models.ResourceQuantity" => new JsonObject { ["anyOf"] = IntegerOrText(), ["pattern"] = Quantity, ["x-kubernetes-int-or-string"] = true },
        "k8s.Models.IntOrString" or "k8s.IntOrString" or "k8s.Models.IntstrIntOrString" => new JsonObject { ["anyOf"] = IntegerOrText(), ["x-kubernetes-int-or-string"] = true },
        // Lists of managed fields and owners have no place in a template; a schema that knows only labels would prune the rest.
        "k8s.Models.V1ObjectMeta" or "k8s.Models.V1JSONSchemaProps" => Anything(),
        _ when IsKubernetes(type) && EntityType.IsKubernetesObject(type) => Embedded(),
        _ => null,
    };

    /// <summary>Adds what the API server itself demands of some types.</summary>
    public static void Refine(Type type, JsonObject schema)
    {
        switch (type.FullName)
        {
            case "k8s.Models.V1Condition":
                Require(schema, "lastTransitionTime", "message", "reason", "status", "type");
                Set(schema, "message", ("maxLength", 32768));
                Set(schema, "observedGeneration", ("minimum", 0));
                Set(schema, "reason", ("minLength", 1), ("maxLength", 1024), ("pattern", ConditionReason));
                Set(schema, "status", ("enum", new JsonArray("True", "False", "Unknown")));
                Set(schema, "type", ("maxLength", 316), ("pattern", ConditionType));
                break;
            case "k8s.Models.V1LocalObjectReference" or "k8s.Models.V1LabelSelector" or "k8s.Models.V1NodeSelectorTerm":
                schema["x-kubernetes-map-type"] = "atomic";
                break;
            case "k8s.Models.V1NodeSelector":
                Require(schema, "nodeSelectorTerms");
                schema["x-kubernetes-map-type"] = "atomic";
                break;
            case "k8s.Models.V1NodeSelectorRequirement" or "k8s.Models.V1LabelSelectorRequirement":
                Require(schema, "key", "operator");
                break;
            case "k8s.Models.V1PreferredSchedulingTerm":
                Require(schema, "preference", "weight");
                break;
            case "k8s.Models.V1PodAffinityTerm":
                Require(schema, "topologyKey");
                break;
            case "k8s.Models.V1WeightedPodAffinityTerm":
                Require(schema, "podAffinityTerm", "weight");
                break;
            case "k8s.Models.V1SecretKeySelector" or "k8s.Models.V1ConfigMapKeySelector":
                Require(schema, "key");
                schema["x-kubernetes-map-type"] = "atomic";
                break;
            case "k8s.Models.V1Probe":
                foreach (var number in (string[])["failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds"]) Set(schema, number, ("minimum", 0));
                Set(schema, "terminationGracePeriodSeconds", ("minimum", 1));
                break;
            case "k8s.Models.V1HTTPGetAction" or "k8s.Models.V1TCPSocketAction" or "k8s.Models.V1GRPCAction":
                Require(schema, "port");
                break;
            case "k8s.Models.V1HTTPHeader" or "k8s.Models.V1Sysctl":
                Require(schema, "name", "value");
                break;
            case "k8s.Models.V1SeccompProfile" or "k8s.Models.V1AppArmorProfile":
                Require(schema, "type");
                break;
            case "k8s.Models.V1TopologySpreadConstraint":
                Require(schema, "maxSkew", "topologyKey", "whenUnsatisfiable");
                Set(schema, "maxSkew", ("minimum", 1));
                Set(schema, "minDomains", ("minimum", 1));
                Set(schema, "whenUnsatisfiable", ("enum", new JsonArray("DoNotSchedule", "ScheduleAnyway")));
                break;
            case "k8s.Models.V1ObjectFieldSelector":
                Require(schema, "fieldPath");
                schema["x-kubernetes-map-type"] = "atomic";
                break;
            case "k8s.Models.V1ResourceFieldSelector":
                Require(schema, "resource");
                schema["x-kubernetes-map-type"] = "atomic";
                break;
            case "k8s.Models.V1FileKeySelector":
                Require(schema, "key", "path", "volumeName");
                schema["x-kubernetes-map-type"] = "atomic";
                break;
            case "k8s.Models.V1EnvVar" or "k8s.Models.V1Volume" or "k8s.Models.V1Container":
                Require(schema, "name");
                break;
            case "k8s.Models.V1VolumeMount":
                Require(schema, "mountPath", "name");
                break;
        }
    }

    private static JsonArray IntegerOrText() => new(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });

    private static JsonObject Anything() => new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };

    private static JsonObject Embedded()
    {
        var schema = Anything();
        schema["x-kubernetes-embedded-resource"] = true;
        return schema;
    }

    private static void Require(JsonObject schema, params string[] names) => schema["required"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);

    private static void Set(JsonObject schema, string property, params (string Key, JsonNode Value)[] rules)
    {
        if (schema["properties"]?[property] is not JsonObject field) return;
        foreach (var (key, value) in rules) field[key] = value;
    }
}
