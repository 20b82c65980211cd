using k8s.Models;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.Tests.Metrics;

public sealed class NamesakesTests
{
    private Namesakes _met = new();

    [SetUp]
    public void Forget() => _met = new();

    [Test]
    public void What_is_told_late_of_an_earlier_object_is_not_of_the_one_that_has_its_name_now()
    {
        Assert.That(_met.Replaces(A("chat", "first")), Is.False);
        Assert.That(_met.Replaces(A("chat", "first")), Is.False);
        Assert.That(_met.Replaces(A("chat", "second")), Is.True);

        Assert.That(_met.Forget(A("chat", "first")), Is.False);
        Assert.That(_met.AnyIn("ns"), Is.True);
        Assert.That(_met.Forget(A("chat", "second")), Is.True);
        Assert.That(_met.AnyIn("ns"), Is.False);
    }

    [Test]
    public void An_object_that_was_not_met_is_forgotten_all_the_same()
    {
        _met.Replaces(A("other", "other"));

        Assert.That((_met.Forget(A("chat", "first")), _met.AnyIn("ns"), _met.AnyIn("elsewhere")), Is.EqualTo((true, true, false)));
    }

    private static V1ObjectMeta A(string name, string uid) => new() { NamespaceProperty = "ns", Name = name, Uid = uid };
}
