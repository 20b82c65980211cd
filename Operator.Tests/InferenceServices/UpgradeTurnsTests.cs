using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using Moq;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Who has a turn, and who is next.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class UpgradeTurnsTests
{
    private readonly List<InferenceService> _services = [.. new[] { "a", "b", "c" }.Select(name => A.Service(name))];
    private readonly List<V1Deployment> _deployments = [];
    private readonly Mock<IKubernetesClient> _client = new();

    private InferenceService this[string name] => _services.Single(s => s.Metadata.Name == name);

    [Test]
    public async Task One_after_another()
    {
        var turns = Turns();
        Assert.That((await TakeAsync(turns, "b"), await TakeAsync(turns, "c"), await TakeAsync(turns, "a")), Is.EqualTo((true, false, false)));
        Settle(turns, "b", Reasons.Upgrading);
        Assert.That((turns.Next(), await TakeAsync(turns, "b")), Is.EqualTo((Array.Empty<(string, string)>(), true)), "it is still b's");

        Settle(turns, "b", null);

        Assert.That(turns.Next(), Is.EqualTo(new[] { (A.Namespace, "a") }));
        Assert.That(turns.Next(), Is.EqualTo(new[] { (A.Namespace, "c") }), "each is named once, until it has tried");
        Assert.That((await TakeAsync(turns, "a"), await TakeAsync(turns, "c")), Is.EqualTo((true, false)));
        _client.Verify(c => c.ListAsync<V1Deployment>(It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>()), Times.Once, "they are looked for once");
    }

    [TestCase(Reasons.UpgradeFailed, 0)]
    [TestCase(Reasons.UpgradeStalled, 1)]
    public async Task While_one_fails_nobody_else_gets_one(string said, int others)
    {
        var turns = Turns(bound: 2);
        await TakeAsync(turns, "a");

        Settle(turns, "a", said);

        Assert.That(await TakeAsync(turns, "b"), Is.EqualTo(others > 0));
        Settle(turns, "a", Reasons.Upgrading);
        Assert.That(await TakeAsync(turns, "b"), Is.True, "it has been mended");
    }

    [Test]
    public async Task Who_is_gone_has_none()
    {
        var turns = Turns();
        await TakeAsync(turns, "a");
        await TakeAsync(turns, "b");
        await TakeAsync(turns, "c");

        turns.Forget(this["b"]);
        turns.Forget(this["a"]);

        Assert.That(turns.Next(), Is.EqualTo(new[] { (A.Namespace, "c") }));
    }

    [TestCase("the operator's", false)]
    [TestCase("a hand's", true)]
    [TestCase("one that is gone's", true)]
    public async Task Those_that_an_earlier_operator_has_given_count(string whose, bool isFree)
    {
        var deployment = A.Build(this["a"], A.Model());
        deployment.Metadata.Annotations[Annotations.Upgrade] = "1";
        deployment.Metadata.ManagedFields = [An.Owner(whose == "a hand's" ? "kubectl-annotate" : "llmkube-operator", "Apply", null, """{"f:metadata": {"f:annotations": {"f:inference.llmkube.dev/upgrade": {}}}}""")];
        _deployments.Add(deployment);
        if (whose == "one that is gone's") _services.Remove(this["a"]);

        Assert.That(await TakeAsync(Turns(), "b"), Is.EqualTo(isFree));
    }

    [Test]
    public async Task That_one_of_them_has_failed_is_known()
    {
        await Those_that_an_earlier_operator_has_given_count("the operator's", isFree: false);
        this["a"].Status = Said(Reasons.UpgradeFailed);

        Assert.That(await TakeAsync(Turns(bound: 2), "b"), Is.False);
    }

    private UpgradeTurns Turns(int bound = 1)
    {
        _client.Setup(c => c.ListAsync<InferenceService>(It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>())).ReturnsAsync(() => [.. _services]);
        _client.Setup(c => c.ListAsync<V1Deployment>(It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>())).ReturnsAsync(() => [.. _deployments]);
        return new(_client.Object, new OperatorOptions { MaxConcurrentUpgrades = bound });
    }

    private Task<bool> TakeAsync(UpgradeTurns turns, string name) => turns.TryTakeAsync(this[name], CancellationToken.None);

    private void Settle(UpgradeTurns turns, string name, string? reason) => turns.Settle(this[name], Said(reason));

    private static InferenceServiceStatus Said(string? reason) =>
        new() { Conditions = reason is null ? [] : [new() { Type = ConditionTypes.UpgradePending, Status = "True", Reason = reason }] };
}
