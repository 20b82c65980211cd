using System.Globalization;
using CsCheck;
using k8s;
using k8s.Models;
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

    [Test]
    public void Agrees_with_the_client_library_on_ordinary_values() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.OneOf("", "m", "k", "Ki", "M", "Mi", "G", "Gi")).Sample((number, suffix) =>
        {
            var text = number.ToString(CultureInfo.InvariantCulture) + suffix;
            return QuantityValue.TryParse(text, out var nano) && (decimal)nano == new ResourceQuantity(text).ToDecimal() * 1_000_000_000m;
        });

    [Test]
    public void Whatever_is_usable_reaches_the_API_server_with_its_value() =>
        Gen.Select(Gen.OneOf("", "+"), Gen.OneOf("", "0", "1", "37", "9223372036854775807", "12345678901234567890123456789012"), Gen.OneOf("", ".", ".5", ".0000000001"), Gen.OneOf("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-2", "e28")).Sample((sign, whole, fraction, suffix) =>
        {
            var text = sign + whole + fraction + suffix;
            if (!QuantityValue.IsUsable(text)) return true;
            var sent = KubernetesJson.Serialize(new ResourceQuantity(text)).Trim('"');
            return QuantityValue.TryParse(text, out var said) && QuantityValue.TryParse(sent, out var arrived) && said == arrived;
        });

    [TestCase("9223372036854775807", true)]
    [TestCase("9223372036854775808", false)]
    [TestCase("12345678901234567890123456789012", false)]
    [TestCase("8Ei", false)]
    [TestCase("-1", false)]
    public void What_the_API_can_not_hold_is_not_usable(string text, bool usable) => Assert.That(QuantityValue.IsUsable(text), Is.EqualTo(usable));

    [Test]
    public void Any_text_is_parsed_or_refused() => Gen.String.Sample(text => QuantityValue.TryParse(text, out var nano) || nano.IsZero);
}
