using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>A LabelSelector object in the text form that kubectl takes.</summary>
internal static class SelectorText
{
    public static string Of(JsonObject? selector)
    {
        if (selector is null) return "";
        var labels = selector.TextMap("matchLabels").OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}");
        return string.Join(',', labels.Concat(selector.Objects("matchExpressions").Select(Expression)));
    }

    private static string Expression(JsonObject requirement)
    {
        var key = requirement.Text("key");
        var values = string.Join(',', requirement.Texts("values"));
        return requirement.Text("operator") switch
        {
            "In" => $"{key} in ({values})",
            "NotIn" => $"{key} notin ({values})",
            "Exists" => $"{key}",
            _ => $"!{key}",
        };
    }
}
