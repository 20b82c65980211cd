using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>Copies, owners and selectors.</summary>
internal static class Objects
{
    /// <summary>A copy to change.</summary>
    public static T Copy<T>(this T item)
        where T : class => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(item));

    /// <summary>Equal as the API sees it; the order of keys doesn't matter.</summary>
    public static bool SameJson(object? a, object? b)
    {
        var (left, right) = (Text(a), Text(b));
        return left == right || JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right));
    }

    private static string Text(object? value) => value is null ? "null" : KubernetesJson.Serialize(value);

    public static V1OwnerReference? Controller(this IMetadata<V1ObjectMeta> item) =>
        item.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);

    /// <summary>Index keys: the uid of the controlling owner.</summary>
    public static IEnumerable<string> ControllerUid(IMetadata<V1ObjectMeta> item) => item.Controller() is { } owner ? [owner.Uid] : [];

    public static V1OwnerReference AsController<T>(this T owner)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        return new()
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }

    public static string? Label(this IMetadata<V1ObjectMeta> item, string key) =>
        item.Metadata.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : null;

    public static string? Annotation(this IMetadata<V1ObjectMeta> item, string key) =>
        item.Metadata.Annotations is { } annotations && annotations.TryGetValue(key, out var value) ? value : null;

    /// <summary>A null selector matches nothing, an empty one everything.</summary>
    public static bool Matches(this V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null) return false;
        return (selector.MatchLabels?.All(l => Has(labels, l.Key, out var value) && value == l.Value) ?? true)
            && (selector.MatchExpressions?.All(e => Holds(e.OperatorProperty, e.Key, e.Values, labels)) ?? true);
    }

    /// <summary>The operators of label selectors and of node selectors.</summary>
    public static bool Holds(string op, string key, IList<string>? values, IDictionary<string, string>? labels)
    {
        var present = Has(labels, key, out var value);
        return op switch
        {
            "In" => present && values?.Contains(value!) == true,
            "NotIn" => !present || values?.Contains(value!) != true,
            "Exists" => present,
            "DoesNotExist" => !present,
            "Gt" => Number(value) is { } n && Number(values?[0]) is { } least && n > least,
            "Lt" => Number(value) is { } n && Number(values?[0]) is { } most && n < most,
            _ => false,
        };
    }

    private static bool Has(IDictionary<string, string>? labels, string key, out string? value)
    {
        value = null;
        return labels is not null && labels.TryGetValue(key, out value);
    }

    private static long? Number(string? text) =>
        long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
