using System.Globalization;
using CsCheck;
using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Reconciling;

public sealed class QuantityValueTests
{
    [TestCase("1", "1000m")]
    [TestCase("1Ki", "1024")]
    [TestCase("1.5Gi", "1536Mi")]
    [TestCase("1e3", "1k")]
    [TestCase("0.5", "500m")]
    [TestCase(".5", "500m")]
    [TestCase("2E", "2e18")]
    [TestCase("+1", "1.")]
    [TestCase("0.1n", "1n")]
    public void The_same_value_in_other_words_is_the_same(string a, string b)
    {
        Assert.That(QuantityValue.TryParse(a, out var x) && QuantityValue.TryParse(b, out var y) && x == y, Is.True);
    }

    [TestCase("abc")]
    [TestCase("")]
    [TestCase(".")]
    [TestCase("1 Gi")]
    [TestCase("1gi")]
    [TestCase("1Gi\n")]
    [TestCase("1e")]
    [TestCase("1e999999999999")]
    [TestCase("--1")]
    [TestCase(null)]
    public void What_is_no_quantity_is_refused_without_an_exception(string? text) => Assert.That(QuantityValue.TryParse(text, out _), Is.False);

    /// <summary>The arbiter is the local cluster's parser, which is compared with Kubernetes' own (ApimachineryTests).</summary>
    [Test, Category("Fuzz")]
    public void What_is_accepted_the_API_server_accepts_with_the_same_value() => QuantityTexts.Any.Sample(
        text => !QuantityValue.TryParse(text, out var nano)
            || (Quantity.TryParse(text, out var served) && (served.Nanos == nano || !QuantityValue.IsUsable(text))),
        TestContext.Out.WriteLine,
        iter: 20_000);

    [Test, Category("Fuzz")]
    public void What_the_grammar_allows_is_accepted() => QuantityTexts.Valid.Sample(
        text => QuantityValue.TryParse(text, out _) || Math.Abs(int.Parse(text[(text.IndexOfAny(['e', 'E']) + 1)..], CultureInfo.InvariantCulture)) > 30,
        TestContext.Out.WriteLine,
        iter: 20_000);

    // What the client's ResourceQuantity writes is exact; its ToDecimal has 28 digits, and 5E-30 is zero there.
    [Test, Category("Fuzz")]
    public void Whatever_is_usable_reaches_the_API_server_with_its_value() => QuantityTexts.Any.Sample(
        text =>
        {
            if (!QuantityValue.IsUsable(text)) return true;
            var sent = KubernetesJson.Serialize(new ResourceQuantity(text)).Trim('"');
            return QuantityValue.TryParse(text, out var said) && Quantity.TryParse(sent, out var arrived) && said == arrived.Nanos;
        },
        TestContext.Out.WriteLine,
        iter: 20_000);

    [TestCase("9223372036854775807", true)]
    [TestCase("9223372036854775808", false)]
    [TestCase("12345678901234567890123456789012", false)]
    [TestCase("8Ei", false)]
    [TestCase("-1", false)]
    public void What_the_API_can_not_hold_is_not_usable(string text, bool usable) => Assert.That(QuantityValue.IsUsable(text), Is.EqualTo(usable));
}
