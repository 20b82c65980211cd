using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>Scenarios from seeds: the same number gives the same scenario.</summary>
internal static class ScenarioGenerator
{
    private static readonly string[] Managers = ["kubectl", "operator", "other"];

    /// <summary>The most steps that a scenario has.</summary>
    public const int MostSteps = 15;

    public static Scenario Generate(Kind kind, int seed)
    {
        var name = $"{kind.Name.ToLowerInvariant()}-{seed}";
        return new(name, kind.Name, [.. Steps(kind, name, new(seed))]);
    }

    private static IEnumerable<Step> Steps(Kind kind, string name, Random dice)
    {
        var objects = ObjectGenerator.For(kind, name, dice);
        yield return new(dice.Next(2) is 0 ? "create" : "apply", Manager(dice), objects.Whole());
        for (var left = dice.Next(3, 8); left > 0; left--)
        {
            var step = Next(kind, objects, dice);
            yield return step;
            if (dice.Next(4) is 0)
            {
                yield return step;
            }
        }
    }

    private static Step Next(Kind kind, ObjectGenerator objects, Random dice)
    {
        var manager = Manager(dice);
        return dice.Next(12) switch
        {
            0 or 1 or 2 or 3 => new("apply", manager, objects.Partial(), Force: dice.Next(2) is 0),
            4 => new("apply", manager, objects.Whole(), Force: true),
            5 => new("update", manager, objects.Change()),
            6 or 7 => new("merge", manager, objects.Change()),
            8 => new("json", manager, objects.Operations()),
            9 when objects.Status() is { } status => ApplyOrMerge(manager, status, "status", false),
            10 when kind.IsCustom => ApplyOrMerge(manager, objects.Wrong(), null, true),
            10 or 11 when !kind.IsCustom => new("strategic", manager, objects.Strategic()),
            _ => new("merge", manager, objects.Change()),
        };

        Step ApplyOrMerge(string by, JsonObject body, string? subresource, bool strict) => dice.Next(2) is 0
            ? new("apply", by, body, subresource, Force: true)
            : new("merge", by, body, subresource, Strict: strict);
    }

    private static string Manager(Random dice) => Managers[dice.Next(Managers.Length)];
}
