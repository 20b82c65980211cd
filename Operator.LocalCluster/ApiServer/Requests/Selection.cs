using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Requests;

/// <summary>The objects that a list, watch or collection deletion is about: namespace, labels, fields.</summary>
internal sealed class Selection
{
    private readonly LabelSelector? _labels;
    private readonly FieldSelector? _fields;
    private readonly ResourceDefinition _resource;

    private Selection(ResourceDefinition resource, string @namespace, LabelSelector? labels, FieldSelector? fields)
    {
        _resource = resource;
        Namespace = @namespace;
        _labels = labels;
        _fields = fields;
    }

    public string Namespace { get; }

    /// <summary>Whether nothing but the namespace selects.</summary>
    public bool IsWhole => _labels is null && _fields is null;

    /// <exception cref="ApiException">400: a selector can't be read, or asks for a field that the kind doesn't offer.</exception>
    public static Selection Of(ApiRequest request)
    {
        var labels = request.Query("labelSelector");
        var fields = request.Query("fieldSelector");
        return new(
            request.Resource,
            request.Namespace,
            labels.Length == 0 ? null : Parse(() => LabelSelector.Parse(labels)),
            fields.Length == 0 ? null : Known(request.Resource, Parse(() => FieldSelector.Parse(fields))));
    }

    public bool Matches(JsonObject json) =>
        (Namespace.Length == 0 || json.Namespace == Namespace)
        && (_labels is null || _labels.Matches(json.Labels))
        && (_fields is null || _fields.Matches(field => Value(json, field)));

    private string Value(JsonObject json, string field) => field switch
    {
        "metadata.name" => json.Name,
        "metadata.namespace" => json.Namespace,
        _ => _resource.SelectableFields[field](json),
    };

    private static FieldSelector Known(ResourceDefinition resource, FieldSelector selector)
    {
        foreach (var field in selector.Requirements.Select(r => r.Path))
        {
            if (field is "metadata.name" || (field is "metadata.namespace" && resource.Namespaced) || resource.SelectableFields.ContainsKey(field)) continue;
            throw ApiException.BadRequest(resource.IsCustom
                ? $"field label not supported: {field}"
                : $"\"{field}\" is not a known field selector");
        }

        return selector;
    }

    private static T Parse<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (SelectorException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }
}
