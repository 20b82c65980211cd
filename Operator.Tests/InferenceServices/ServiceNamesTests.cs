using System.Text.RegularExpressions;
using CsCheck;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class ServiceNamesTests
{
    private static readonly Gen<string> Subdomains =
        from parts in Gen.String[Gen.Char["abz059"], 1, 60].Array[1, 4]
        let name = string.Join('.', parts)
        select name.Length <= 253 ? name : name[..253].TrimEnd('.');

    [Test]
    public void Any_name_gives_valid_names_of_children() => Subdomains.Sample(name =>
        Regex.IsMatch(ServiceNames.Child(name), @"^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?\z")
        && Regex.IsMatch(ServiceNames.Endpoint(name), @"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?\z"));

    [TestCase("chat", "chat", "chat")]
    [TestCase("a.b", "a.b", "a-b")]
    [TestCase("7b", "7b", "s-7b")]
    public void Ordinary_names_stay_as_they_are(string name, string child, string endpoint) =>
        Assert.That((ServiceNames.Child(name), ServiceNames.Endpoint(name)), Is.EqualTo((child, endpoint)));

    [Test]
    public void Long_names_that_differ_only_at_their_end_stay_apart()
    {
        var (one, two) = (new string('a', 70) + "1", new string('a', 70) + "2");

        Assert.That(ServiceNames.Child(one), Is.Not.EqualTo(ServiceNames.Child(two)));
        Assert.That(ServiceNames.Endpoint(one), Is.Not.EqualTo(ServiceNames.Endpoint(two)));
    }
}
