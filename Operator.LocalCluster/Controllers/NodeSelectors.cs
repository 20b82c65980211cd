using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers;

/// <summary>Node selectors: terms are alternatives, the requirements of a term all hold.</summary>
internal static class NodeSelectors
{
    public static bool Matches(V1NodeSelector selector, V1Node node) => selector.NodeSelectorTerms?.Any(t => Matches(t, node)) == true;

    public static bool Matches(V1NodeSelectorTerm term, V1Node node)
    {
        var (labels, fields) = (term.MatchExpressions ?? [], term.MatchFields ?? []);
        if (labels.Count == 0 && fields.Count == 0) return false; // An empty term matches no node.
        var name = new Dictionary<string, string> { ["metadata.name"] = node.Metadata.Name };
        return labels.All(r => Objects.Holds(r.OperatorProperty, r.Key, r.Values, node.Metadata.Labels))
            && fields.All(r => Objects.Holds(r.OperatorProperty, r.Key, r.Values, name));
    }
}
