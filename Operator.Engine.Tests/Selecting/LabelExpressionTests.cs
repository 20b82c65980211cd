using LlmKube.Operator.Engine.Selecting;

namespace LlmKube.Operator.Engine.Tests.Selecting;

public class LabelExpressionTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "front" };

    [TestCase("", true)]
    [TestCase("app=web", true)]
    [TestCase("app==web", true)]
    [TestCase("app = web", true)]
    [TestCase("app=db", false)]
    [TestCase("app!=db", true)]
    [TestCase("absent!=x", true)]
    [TestCase("app in (db, web)", true)]
    [TestCase("app notin (web)", false)]
    [TestCase("absent notin (x)", true)]
    [TestCase("app", true)]
    [TestCase("!absent", true)]
    [TestCase("!app", false)]
    [TestCase("app in (web,db),tier=front,!absent", true)]
    [TestCase("app=web,tier=back", false)]
    public void Selectors_match_as_the_api_server_has_it(string text, bool matches)
    {
        Assert.That(LabelExpression.TryParse(text, out var expression));
        Assert.That(expression!.Matches(Labels), Is.EqualTo(matches));
    }

    [TestCase("app=web,tier=front", "app=web", true)]
    [TestCase("app in (web),x", "app=web", true)]
    [TestCase("app in (b,a)", "app in (a, b)", true)]
    [TestCase("app=web", "", true)]
    [TestCase("", "app=web", false)]
    [TestCase("app=db", "app=web", false)]
    [TestCase("app!=web", "app=web", false)]
    public void A_query_contains_a_selector_if_it_demands_all_of_it(string query, string selector, bool contains)
    {
        Assert.That(LabelExpression.TryParse(query, out var asked));
        Assert.That(LabelExpression.TryParse(selector, out var known));
        Assert.That(asked!.Contains(known!), Is.EqualTo(contains));
    }

    [TestCase("replicas>3")]
    [TestCase("a b")]
    [TestCase("app in web")]
    [TestCase("app===web")]
    [TestCase("app=a b")]
    [TestCase("app in (a b)")]
    [TestCase("-app=web")]
    [TestCase("app=web\u00a0")]
    public void What_is_not_understood_is_left_to_the_api_server(string text) =>
        Assert.That(LabelExpression.TryParse(text, out _), Is.False);
}
