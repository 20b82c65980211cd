using System.Text.Json.Nodes;
using CsCheck;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery;

public sealed class SelectorTests
{
    [TestCase("", true)]
    [TestCase("app=web", true)]
    [TestCase("app==web", true)]
    [TestCase("app = web", true)]
    [TestCase("app!=web", false)]
    [TestCase("app!=api", true)]
    [TestCase("none!=x", true)]
    [TestCase("app", true)]
    [TestCase("!app", false)]
    [TestCase("!none", true)]
    [TestCase("app in (api, web)", true)]
    [TestCase("app notin (api,web)", false)]
    [TestCase("none notin (a)", true)]
    [TestCase("app in (web),size>2", true)]
    [TestCase("size<3", false)]
    [TestCase("app>1", false)]
    [TestCase("app=web,tier=db", false)]
    [TestCase("a.test/part=one", true)]
    [TestCase("empty=", true)]
    [TestCase("empty in ()", true)]
    public void A_label_selector_selects(string selector, bool selected)
    {
        var labels = new Dictionary<string, string> { ["app"] = "web", ["size"] = "3", ["a.test/part"] = "one", ["empty"] = "" };
        Assert.That(LabelSelector.Parse(selector).Matches(labels), Is.EqualTo(selected));
    }

    [TestCase("app=")]
    [TestCase("a,,b")]
    [TestCase("a,")]
    [TestCase("in (a)")]
    [TestCase("a in b")]
    [TestCase("a in (b")]
    [TestCase("a b")]
    [TestCase("a>b")]
    [TestCase("-a=b")]
    [TestCase("a=b!")]
    [TestCase("a=b\v")]
    [TestCase("\u00a0")]
    public void What_is_no_label_selector_is_refused(string selector)
    {
        if (selector is "app=")
        {
            Assert.That(LabelSelector.Parse(selector).IsEverything, Is.False, "an empty value is a value");
            return;
        }

        Assert.Throws<SelectorException>(() => LabelSelector.Parse(selector));
    }

    [TestCase("""{}""", true)]
    [TestCase("""{"matchLabels":{"app":"web"}}""", true)]
    [TestCase("""{"matchLabels":{"app":"api"}}""", false)]
    [TestCase("""{"matchExpressions":[{"key":"app","operator":"In","values":["web"]},{"key":"x","operator":"DoesNotExist"}]}""", true)]
    [TestCase("""{"matchExpressions":[{"key":"app","operator":"NotIn","values":["web"]}]}""", false)]
    public void A_label_selector_of_the_API_selects(string selector, bool selected)
    {
        var document = (JsonObject)JsonNode.Parse("""{"metadata":{"labels":{"app":"web"}}}""")!;
        Assert.That(LabelSelector.From((JsonObject)JsonNode.Parse(selector)!)!.Matches(document), Is.EqualTo(selected));
    }

    [TestCase("metadata.name=a", true)]
    [TestCase("metadata.name==a", true)]
    [TestCase("metadata.name!=a", false)]
    [TestCase("status.phase=", true)]
    [TestCase("spec.n=3", true)]
    [TestCase(@"spec.text=x\,y\=z", true)]
    [TestCase("metadata.name=a,spec.n=4", false)]
    [TestCase("=", true)]
    [TestCase(@"spec.n\=3", false)]
    public void A_field_selector_selects(string selector, bool selected)
    {
        var fields = new Dictionary<string, string> { ["metadata.name"] = "a", ["spec.n"] = "3", ["spec.text"] = "x,y=z" };
        Assert.That(FieldSelector.Parse(selector).Matches(field => fields.GetValueOrDefault(field, "")), Is.EqualTo(selected));
    }

    [TestCase("name")]
    [TestCase(@"a=\x")]
    [TestCase("a===b")]
    [TestCase("a=b=c")]
    public void What_is_no_field_selector_is_refused(string selector) =>
        Assert.Throws<SelectorException>(() => FieldSelector.Parse(selector));

    [Test, Category("Fuzz")]
    public void Any_text_is_a_selector_or_refused() => Gen.Select(SelectorTexts.AnyLabel, SelectorTexts.AnyField, Gen.String).Sample(
        (labels, fields, any) =>
        {
            Refuses(() => LabelSelector.Parse(labels));
            Refuses(() => FieldSelector.Parse(fields));
            Refuses(() => LabelSelector.Parse(any));
        },
        TestContext.Out.WriteLine,
        iter: 20_000);

    private static void Refuses(Action parse)
    {
        try
        {
            parse();
        }
        catch (SelectorException)
        {
            // Refusing is an answer.
        }
    }
}
