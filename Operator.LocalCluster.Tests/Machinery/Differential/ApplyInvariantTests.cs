using System.Text.Json.Nodes;
using CsCheck;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>What holds after every request of any scenario, whatever the real server would answer.</summary>
public sealed class ApplyInvariantTests
{
    [Test, Category("Fuzz")]
    public void Each_manager_has_one_entry_and_applying_again_comes_to_rest() => Gen.Select(Gen.Int[0, Kind.All.Count - 1], Gen.Int[0, int.MaxValue]).Sample(
        (kind, seed) =>
        {
            var scenario = ScenarioGenerator.Generate(Kind.All[kind], seed);
            var machine = new LocalMachine(Kind.All[kind]);
            foreach (var step in scenario.Steps)
            {
                var answer = machine.Do(step);
                if (answer.Document is not { } document)
                {
                    continue;
                }

                var books = document["metadata"]?["managedFields"] as JsonArray ?? [];
                Assert.That(books.Select(entry => $"{entry!["manager"]} {entry["operation"]} {entry["subresource"]}"), Is.Unique, "one entry for a manager");
                Assert.That(books.Select(entry => entry!["fieldsV1"]!.ToJsonString()), Has.None.EqualTo("{}"), "no entry of nothing");
                Assert.That(Kind.All[kind].IsCustom || BuiltInDecoding.Check((JsonObject)document, Kind.All[kind].Version, Kind.All[kind].Name, Kind.All[kind].Schema) is null, "the object is one of its kind");
                if (step.Verb is "apply")
                {
                    // A list that an apply has emptied is dropped by it and comes back with the next, in the real server too.
                    machine.Do(step);
                    var third = machine.Do(step);
                    Assert.That((third.Code, third.Wrote), Is.EqualTo((200, false)), () => $"{step.Body.ToJsonString()} again: {Recording.Show(third)}");
                }
            }
        },
        TestContext.Out.WriteLine,
        iter: 300);
}
