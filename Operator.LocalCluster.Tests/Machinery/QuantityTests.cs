using CsCheck;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery;

public sealed class QuantityTests
{
    [TestCase("0", "0")]
    [TestCase("1", "1")]
    [TestCase("1000", "1k")]
    [TestCase("1024", "1024")]
    [TestCase("0.5", "500m")]
    [TestCase("1000m", "1")]
    [TestCase("1500m", "1500m")]
    [TestCase("1024Mi", "1Gi")]
    [TestCase("1.5Gi", "1536Mi")]
    [TestCase("512", "512")]
    [TestCase("1e3", "1e3")]
    [TestCase("1E3", "1e3")]
    [TestCase("1e6", "1e6")]
    [TestCase("12e-1", "1200e-3")]
    [TestCase("0.1Ki", "102400m")]
    [TestCase("-5", "-5")]
    [TestCase("+5", "5")]
    [TestCase("100n", "100n")]
    [TestCase("0.0000000001", "1n")]
    [TestCase("1e100", "9223372036854775807e0")]
    [TestCase("10E", "9223372036854775807")]
    [TestCase(".5", "500m")]
    [TestCase("5.", "5")]
    public void A_quantity_is_written_canonically(string text, string canonical) =>
        Assert.That(Quantity.Parse(text).ToString().Replace("e0", "", StringComparison.Ordinal), Is.EqualTo(canonical.Replace("e0", "", StringComparison.Ordinal)));

    [TestCase("")]
    [TestCase("abc")]
    [TestCase("1.2.3")]
    [TestCase("1 Gi")]
    [TestCase("1gi")]
    [TestCase("1KiB")]
    [TestCase("--1")]
    [TestCase("e3")]
    [TestCase(".")]
    public void What_is_no_quantity_is_refused(string text) => Assert.That(Quantity.TryParse(text, out _), Is.False);

    [TestCase("1", "1000m", 0)]
    [TestCase("1Gi", "1G", 1)]
    [TestCase("0.1", "1", -1)]
    [TestCase("1024Mi", "1Gi", 0)]
    [TestCase("-1", "1m", -1)]
    public void Quantities_compare_by_value(string left, string right, int order) =>
        Assert.That(Math.Sign(Quantity.Compare(left, right)), Is.EqualTo(order));

    [Test]
    public void The_canonical_form_reads_back_as_the_same_value() => Gen
        .Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.OneOf("", "m", "k", "Ki", "Mi", "n", "e3", "e-2"))
        .Sample((number, suffix) =>
        {
            var quantity = Quantity.Parse($"{number}{suffix}");
            return Quantity.Parse(quantity.ToString()) == quantity;
        });

    [Test]
    public void Anything_else_is_refused_without_an_exception() =>
        Gen.String[Gen.Char["0123456789.eE+-kKMGiTmnu x"], 0, 12].Sample(text => Quantity.TryParse(text, out _) || true);

    [Test]
    public void Sums_are_exact() => Assert.That((Quantity.Parse("0.1") + Quantity.Parse("0.2")).ToString(), Is.EqualTo("300m"));
}
