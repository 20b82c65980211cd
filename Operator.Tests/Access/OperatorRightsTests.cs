using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Access;

/// <summary>The operator's roles are what its life takes: no request is refused, and no right is there for nothing.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class OperatorRightsTests
{
    [TestCase(false, TestName = "In_all_namespaces")]
    [TestCase(true, TestName = "In_one_namespace_without_any_right_beyond")]
    public async Task They_are_enough_and_none_is_too_much(bool isOneNamespace)
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There the operator may do everything, and requests can't be counted.");
        await using var world = await RestrictedCluster.StartAsync(isOneNamespace);

        var children = await new OperatorLife(world).LiveAsync();

        var requests = world.Requests.ToList();
        var granted = await world.GrantedAsync();
        NeededRight[] needed = [.. requests.SelectMany(NeededRight.Of).Concat(children.SelectMany(NeededRight.ToOwn)).Distinct()];
        Assert.Multiple(() =>
        {
            Assert.That(requests.Where(r => r.StatusCode == 403), Is.Empty, "refused");
            Assert.That(needed.Where(n => !granted.Any(g => g.Covers(n))), Is.Empty, "needed and not given");
            Assert.That(granted.Where(g => !needed.Any(g.Covers)), Is.Empty, "given and not needed");
            if (isOneNamespace) Assert.That(granted.Select(g => g.Namespace).Distinct(), Is.EqualTo(new[] { world.Story.Namespace }));
        });
    }
}
