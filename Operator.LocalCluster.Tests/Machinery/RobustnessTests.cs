using System.Text.Json.Nodes;
using CsCheck;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery;

/// <summary>Whatever JSON comes in, nothing but the declared exceptions comes out, and no argument is changed.</summary>
public sealed class RobustnessTests
{
    // Names that mean something somewhere, so that the walk gets deep.
    private static readonly Gen<string> Names = Gen.OneOf(
        "metadata", "spec", "status", "labels", "name", "namespace", "finalizers", "managedFields", "manager", "operation", "apiVersion",
        "fieldsType", "fieldsV1", "f:spec", "k:{\"port\":1}", "k:{", "v:1", "x", ".", "", "$patch", "$retainKeys", "$setElementOrder/ports",
        "$deleteFromPrimitiveList/finalizers", "template", "containers", "env", "ports", "port", "protocol", "tags", "replicas", "open",
        "whole", "groups", "selector", "matchLabels", "type", "properties", "items", "default", "enum", "versions", "schema",
        "openAPIV3Schema", "additionalProperties", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "op", "path", "value", "limits", "resources");

    private static readonly Gen<JsonNode?> Scalars = Gen.OneOf(
        Gen.Const<JsonNode?>(() => null),
        Gen.Int.Select(number => (JsonNode?)number),
        Gen.Double.Select(number => (JsonNode?)JsonValue.Create(double.IsFinite(number) ? number : 0)),
        Gen.Bool.Select(flag => (JsonNode?)flag),
        Gen.OneOf(Names, Gen.OneOf("Apply", "Update", "FieldsV1", "v1", "delete", "replace", "map", "set", "object", "array", "/spec/x", "add", "1Gi", "[")).Select(text => (JsonNode?)text));

    private static readonly Gen<JsonNode?> Nodes = Gen.Recursive<JsonNode?>((depth, inner) => depth >= 6
        ? Scalars
        : Gen.OneOf(
            Scalars,
            inner.Array[0, 4].Select(entries => (JsonNode?)new JsonArray([.. entries.Select(entry => entry?.DeepClone())])),
            Objects(inner).Select(fields => (JsonNode?)fields),
            Objects(inner).Select(fields => (JsonNode?)fields)));

    private static readonly Gen<JsonObject> Documents = Objects(Nodes);

    private static readonly Schema[] Schemas = [Kind.Named("Thing").Schema, Kind.Named("Deployment").Schema, Kind.Named("Service").Schema, Schema.Anything];

    [Test, Category("Fuzz")]
    public void Patches_survive_anything() => Gen.Select(Documents, Documents, Nodes).Sample((document, patch, list) =>
    {
        foreach (var schema in Schemas)
        {
            Survive(() => StrategicMergePatch.Apply(document, patch, schema), document, patch);
        }

        Survive(() => MergePatch.Apply(document, patch), document, patch);
        Survive(() => JsonPatch.Apply(document, list as JsonArray ?? [list?.DeepClone()]), document, patch);
    }, TestContext.Out.WriteLine);

    [Test, Category("Fuzz")]
    public void Applying_survives_anything() => Gen.Select(Documents, Documents).Sample((live, applied) =>
    {
        foreach (var schema in Schemas)
        {
            var options = new ApplyOptions("m", applied["apiVersion"] is JsonValue version && version.TryGetValue<string>(out var text) ? text : "", DateTimeOffset.UnixEpoch);
            Survive(() => ServerSideApply.Apply(live, applied, options, schema), live, applied);
            Survive(() => ServerSideApply.Apply(null, applied, options with { Force = true }, schema), live, applied);
            Survive(() => ManagedFields.TrackUpdate(live, applied, new("m", "v1", DateTimeOffset.UnixEpoch), schema), live, applied);
        }
    }, TestContext.Out.WriteLine);

    [Test, Category("Fuzz")]
    public void Checking_and_filling_survive_anything() => Documents.Sample(document =>
    {
        foreach (var schema in Schemas)
        {
            Survive(() => SchemaValidator.Validate(document, schema), document);
            Survive(() => SchemaDefaulter.Apply(document, schema), document);
            Survive(() => SchemaPruner.Prune(document, schema), document);
            Survive(() => BuiltInDecoding.Check(document, "v1", "Any", schema), document);
        }

        foreach (var (group, kind) in new[] { ("apps", "Deployment"), ("", "Service"), ("", "Pod"), ("batch", "Job"), ("apiextensions.k8s.io", "CustomResourceDefinition") })
        {
            var typed = (JsonObject)document.DeepClone();
            typed["apiVersion"] = group is "" ? "v1" : $"{group}/v1";
            Survive(() => BuiltInDefaults.Apply(group, kind, typed), typed);
        }

        Survive(() => CrdValidator.Validate(document), document);
        Survive(() => Schema.Parse(document), document);
        Survive(() => LabelSelector.From(document), document);
    }, TestContext.Out.WriteLine);

    private static Gen<JsonObject> Objects(Gen<JsonNode?> values) => Gen.Select(Names, values).Array[0, 5].Select(fields =>
    {
        var json = new JsonObject();
        foreach (var (name, value) in fields)
        {
            json[name] = value?.DeepClone();
        }

        return json;
    });

    private static void Survive(Func<object?> call, params JsonObject[] arguments)
    {
        var before = arguments.Select(argument => argument.ToJsonString()).ToArray();
        try
        {
            call();
        }
        catch (Exception declared) when (declared is PatchException or ApplyConflictException or InvalidApplyException or InvalidSchemaException or SelectorException)
        {
            // Refusing is an answer.
        }

        Assert.That(arguments.Select(argument => argument.ToJsonString()), Is.EqualTo(before), "arguments are left alone");
    }
}
