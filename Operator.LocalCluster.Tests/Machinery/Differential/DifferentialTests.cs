using System.Text.Json.Nodes;
using CsCheck;
using LlmKube.Operator.LocalCluster.Tests.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>
/// Our merging, defaulting and validation against the real server's, on generated objects. Its answers are recorded, so that
/// this needs no cluster; where LLMKUBE_TEST_KUBECONFIG names one, fresh scenarios run on both.
/// </summary>
public sealed class DifferentialTests
{
    private const int Recorded = 20;

    private static IEnumerable<TestCaseData> Scenarios => Recording.Read()
        .Select(recorded => new TestCaseData(recorded).SetArgDisplayNames(recorded.Scenario.Name));

    private static Gen<Scenario> Fresh { get; } = Gen
        .Select(Gen.Int[0, Kind.All.Count - 1], Gen.Int[0, int.MaxValue], Gen.Int[1, ScenarioGenerator.MostSteps])
        .Select((kind, seed, steps) => ScenarioGenerator.Generate(Kind.All[kind], seed).Shortened(steps));

    [TestCaseSource(nameof(Scenarios))]
    public void Answers_as_the_real_server_did(RecordedScenario recorded) =>
        Assert.That(Difference(recorded.Scenario, recorded.Answers, Machine(recorded.Scenario)), Is.Null);

    /// <summary>As many fresh scenarios as CsCheck_Time allows. One that fails is shortened from its end.</summary>
    [Test, Category("Fuzz")]
    public async Task Answers_as_the_real_server_does()
    {
        using var real = await RealAsync();
        await Fresh.SampleAsync(
            async scenario => Expect(Difference(scenario, await real.RunAsync(scenario), Machine(scenario))),
            TestContext.Out.WriteLine,
            iter: 200,
            print: scenario => scenario.Name);
    }

    /// <summary>The same for the whole of the local server.</summary>
    [Test, Category("Fuzz")]
    public async Task The_local_server_answers_as_the_real_one()
    {
        using var real = await RealAsync();
        await using var host = await LocalServer.StartAsync();
        using var local = new ScenarioServer(host.Host.ClientConfiguration(host.Host.AdminToken));
        await local.PrepareAsync();
        await Fresh.SampleAsync(
            async scenario =>
            {
                var expected = await real.RunAsync(scenario);
                // Where a built-in kind's own rules decide otherwise, the objects are others from there on.
                var judged = scenario.Shortened(scenario.Steps.TakeWhile((step, at) => !IsOwnRule(scenario, step, expected[at])).Count());
                var answers = await local.RunAsync(judged);
                Expect(Difference(judged, expected, at => answers[at]));
            },
            TestContext.Out.WriteLine,
            iter: 100,
            print: scenario => scenario.Name);
    }

    [Test, Explicit("writes what the first test reads")]
    public async Task Records_what_the_real_server_answers()
    {
        using var real = await RealAsync();
        var recorded = new List<RecordedScenario>();
        foreach (var scenario in Kind.All.SelectMany(kind => Enumerable.Range(0, Recorded).Select(seed => ScenarioGenerator.Generate(kind, seed))))
        {
            recorded.Add(new(scenario, await real.RunAsync(scenario)));
        }

        Recording.Write(recorded);
    }

    private static async Task<ScenarioServer> RealAsync()
    {
        var server = ScenarioServer.Real();
        if (server is null)
        {
            Assert.Ignore("LLMKUBE_TEST_KUBECONFIG names no cluster");
        }

        await server.PrepareAsync();
        return server;
    }

    private static void Expect(string? difference)
    {
        if (difference is not null)
        {
            throw new AssertionException(difference);
        }
    }

    private static Func<int, Answer> Machine(Scenario scenario)
    {
        var machine = new LocalMachine(Kind.Named(scenario.Kind));
        return at => machine.Do(scenario.Steps[at]);
    }

    // What a built-in kind's own rules refuse is not ours to judge.
    private static bool IsOwnRule(Scenario scenario, Step step, Answer expected) =>
        expected.Code is 422 && !Kind.Named(scenario.Kind).IsCustom && step.Verb is "apply" or "merge" or "update";

    /// <summary>The first answer that is another one here, in words; null if there is none.</summary>
    private static string? Difference(Scenario scenario, IReadOnlyList<Answer> expected, Func<int, Answer> answers)
    {
        JsonNode? before = null;
        for (var at = 0; at < scenario.Steps.Count; at++)
        {
            var step = scenario.Steps[at];
            if (IsOwnRule(scenario, step, expected[at]))
            {
                continue;
            }

            // After an apply with empty labels the real server's next request writes what can't be told from what was there.
            var answer = answers(at);
            var wrote = JsonNode.DeepEquals(expected[at].Document, before) ? answer.Wrote && expected[at].Wrote : expected[at].Wrote;
            before = expected[at].Document ?? before;
            var (ours, theirs) = (Recording.Show(answer), Recording.Show(expected[at] with { Wrote = wrote }));
            if (ours != theirs)
            {
                return $"{scenario.Name} step {at}: {step.Verb} by {step.Manager} {step.Subresource} force={step.Force}: {step.Body.ToJsonString()}\nexpected {theirs}\nbut was {ours}";
            }
        }

        return null;
    }
}
