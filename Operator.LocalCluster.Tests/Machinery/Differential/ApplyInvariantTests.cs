using System.Text.Json.Nodes;
using CsCheck;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>What holds after every request of any scenario, whatever the real server would answer.</summary>
public sealed class ApplyInvariantTests
{
    [Test, Category("Fuzz")]
    public void Managers_keep_what_they_own_and_applying_again_comes_to_rest() => Gen.Select(Gen.Int[0, Kind.All.Count - 1], Gen.Int[0, int.MaxValue]).Sample(
        (kind, seed) =>
        {
            var scenario = ScenarioGenerator.Generate(Kind.All[kind], seed);
            var machine = new LocalMachine(Kind.All[kind]);
            JsonNode? before = null;
            foreach (var step in scenario.Steps)
            {
                var answer = machine.Do(step);
                if (answer.Document is not { } document)
                {
                    continue;
                }

                Assert.That(Books(document).Keys, Is.Unique, "one entry for a manager");
                Assert.That(Books(document).Values, Has.None.EqualTo("{}"), "no entry of nothing");
                Assert.That(Kind.All[kind].IsCustom || BuiltInDecoding.Check((JsonObject)document, Kind.All[kind].Version, Kind.All[kind].Name, Kind.All[kind].Schema) is null, "the object is one of its kind");
                if (step.Verb is "apply")
                {
                    Assert.That(step.Force || Others(before, step).All(other => Others(document, step).Contains(other)), "nobody loses a field to an apply that is not forced");
                    // A list that an apply has emptied is dropped by it and comes back with the next, in the real server too.
                    var (second, third) = (machine.Do(step with { Force = false }), machine.Do(step with { Force = false }));
                    Assert.That((second.Code, third.Code, third.Wrote), Is.EqualTo((200, 200, false)), () => $"{step.Body.ToJsonString()} again: {Recording.Show(third)}");
                    document = third.Document!;
                }

                before = document;
            }
        },
        TestContext.Out.WriteLine,
        iter: 300);

    private static IEnumerable<KeyValuePair<string, string>> Others(JsonNode? document, Step step) =>
        Books(document).Where(entry => entry.Key != $"{step.Manager} Apply {step.Subresource}");

    private static Dictionary<string, string> Books(JsonNode? document) => (document?["metadata"]?["managedFields"] as JsonArray ?? [])
        .ToDictionary(entry => $"{entry!["manager"]} {entry["operation"]} {entry["subresource"]}", entry => entry!["fieldsV1"]!.ToJsonString());
}
