using LlmKube.Operator.Engine.Selecting;

namespace LlmKube.Operator.Engine.Tests.Selecting;

public class FieldExpressionTests
{
    [TestCase("metadata.name=a", true)]
    [TestCase("metadata.name==a,metadata.namespace!=b", true)]
    [TestCase("status.phase=a", false)]
    [TestCase("metadata.name = a", false)]
    public void Only_name_and_namespace_are_tried_here(string text, bool isLocal)
    {
        Assert.That(FieldExpression.TryParse(text, out var expression));
        Assert.That(expression!.IsLocal, Is.EqualTo(isLocal));
    }

    [TestCase("metadata.name")]
    [TestCase("metadata.name===a")]
    [TestCase("metadata.name=a=b")]
    [TestCase(@"metadata.name=a\,b")]
    public void What_is_not_understood_is_left_to_the_api_server(string text) => Assert.That(FieldExpression.TryParse(text, out _), Is.False);
}
