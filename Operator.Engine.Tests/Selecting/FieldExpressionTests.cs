using LlmKube.Operator.Engine.Selecting;

namespace LlmKube.Operator.Engine.Tests.Selecting;

public class FieldExpressionTests
{
    [TestCase("", "a", true)]
    [TestCase("spec.source=a", "a", true)]
    [TestCase("spec.source==a", "a", true)]
    [TestCase("spec.source==a", "b", false)]
    [TestCase("spec.source!=a", "a", false)]
    [TestCase("spec.source!=a,spec.source!=b", "c", true)]
    [TestCase(@"spec.source=https://a/b?x\=1\,2\\3", @"https://a/b?x=1,2\3", true)]
    [TestCase("spec.source=", "", true)]
    public void A_term_compares_a_field_with_a_value(string text, string value, bool matches)
    {
        Assert.That(FieldExpression.TryParse(text, out var expression));
        Assert.That(expression!.Matches(field => field == "spec.source" ? value : throw new ArgumentException(field)), Is.EqualTo(matches));
    }

    [TestCase("metadata.name")]
    [TestCase("metadata.name===a")]
    [TestCase("metadata.name=a=b")]
    [TestCase(@"metadata.name=a\b")]
    [TestCase(@"metadata.name=a\")]
    public void What_the_api_server_refuses_is_left_to_it(string text) => Assert.That(FieldExpression.TryParse(text, out _), Is.False);
}
