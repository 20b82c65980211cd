using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>Checks metadata: name, labels, annotations, owners, finalizers.</summary>
internal static partial class MetadataValidation
{
    private const int LargestAnnotations = 256 * 1024;
    private const string QualifiedName = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string LabelValue = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static IEnumerable<FieldError> Errors(ResourceDefinition resource, JsonObject json, JsonObject? old)
    {
        var metadata = json.Metadata;
        if (json.Name.Length == 0)
        {
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        }
        else if (old is null)
        {
            foreach (var problem in resource.NameRule.Problems(json.Name)) yield return FieldError.Invalid("metadata.name", json.Name, problem);
        }

        foreach (var error in LabelErrors(json.Labels, "metadata.labels")) yield return error;
        foreach (var error in AnnotationErrors(metadata.TextMap("annotations"))) yield return error;
        foreach (var error in OwnerErrors(metadata)) yield return error;
        foreach (var error in FinalizerErrors(json, old)) yield return error;
    }

    public static IEnumerable<FieldError> LabelErrors(IReadOnlyDictionary<string, string> labels, string path)
    {
        foreach (var (key, value) in labels)
        {
            foreach (var problem in KeyProblems(key)) yield return FieldError.Invalid(path, key, problem);
            if (value.Length > 63) yield return FieldError.Invalid(path, value, "must be no more than 63 bytes");
            if (!LabelValueForm().IsMatch(value)) yield return FieldError.Invalid(path, value, LabelValue);
        }
    }

    private static IEnumerable<FieldError> AnnotationErrors(IReadOnlyDictionary<string, string> annotations)
    {
        foreach (var key in annotations.Keys)
        {
            foreach (var problem in KeyProblems(key)) yield return FieldError.Invalid("metadata.annotations", key, problem);
        }

        if (annotations.Sum(a => a.Key.Length + a.Value.Length) > LargestAnnotations) yield return FieldError.TooLong("metadata.annotations", LargestAnnotations);
    }

    private static IEnumerable<FieldError> OwnerErrors(JsonObject metadata)
    {
        var controllers = new List<string>();
        foreach (var owner in metadata.Objects("ownerReferences"))
        {
            var path = "metadata.ownerReferences";
            if (string.IsNullOrEmpty(owner.Text("apiVersion"))) yield return FieldError.Invalid($"{path}.apiVersion", owner.Text("apiVersion") ?? "", "version must not be empty");
            if (string.IsNullOrEmpty(owner.Text("kind"))) yield return FieldError.Invalid($"{path}.kind", "", "must not be empty");
            if (string.IsNullOrEmpty(owner.Text("name"))) yield return FieldError.Invalid($"{path}.name", "", "must not be empty");
            if (string.IsNullOrEmpty(owner.Text("uid"))) yield return FieldError.Invalid($"{path}.uid", "", "must not be empty");
            if (owner.Flag("controller")) controllers.Add($"{owner.Text("kind")}/{owner.Text("name")}");
        }

        if (controllers.Count > 1)
        {
            yield return FieldError.Invalid(
                "metadata.ownerReferences", metadata["ownerReferences"], $"Only one reference can have Controller set to true. Found \"true\" in references for {controllers[0]} and {controllers[1]}");
        }
    }

    private static IEnumerable<FieldError> FinalizerErrors(JsonObject json, JsonObject? old)
    {
        foreach (var finalizer in json.Finalizers)
        {
            foreach (var problem in KeyProblems(finalizer)) yield return FieldError.Invalid("metadata.finalizers", finalizer, problem);
        }

        if (old is not { IsDeleting: true }) yield break;
        var added = json.Finalizers.Except(old.Finalizers).Order(StringComparer.Ordinal).ToList();
        if (added.Count > 0)
        {
            yield return FieldError.Forbidden(
                "metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(a => $"\"{a}\""))}}}");
        }
    }

    private static IEnumerable<string> KeyProblems(string key)
    {
        var parts = key.Split('/');
        if (parts.Length > 2)
        {
            yield return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0) yield return "prefix part must be non-empty";
            else foreach (var problem in NameRule.Subdomain.Problems(parts[0])) yield return $"prefix part {problem}";
        }

        var name = parts[^1];
        if (name.Length == 0) yield return "name part must be non-empty";
        else if (name.Length > 63) yield return "name part must be no more than 63 bytes";
        if (!QualifiedNameForm().IsMatch(name)) yield return QualifiedName;
    }

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex QualifiedNameForm();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValueForm();
}
