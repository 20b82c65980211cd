namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>
/// Our merging, defaulting and validation against the real server's, on generated objects. Its answers are recorded, so that
/// this needs no cluster; where LLMKUBE_TEST_KUBECONFIG names one, fresh scenarios run on both (UPDATE_GOLDEN=1 records).
/// </summary>
public sealed class DifferentialTests
{
    private const int Recorded = 20;
    private const int Fresh = 100;

    private static IEnumerable<TestCaseData> Scenarios => Recording.Read()
        .Select(recorded => new TestCaseData(recorded).SetArgDisplayNames(recorded.Scenario.Name));

    [TestCaseSource(nameof(Scenarios))]
    public void Answers_as_the_real_server_did(RecordedScenario recorded) => Compare(recorded.Scenario, recorded.Answers);

    [Test]
    public async Task Answers_as_the_real_server_does()
    {
        using var server = RealServer.Connect();
        if (server is null)
        {
            Assert.Ignore("LLMKUBE_TEST_KUBECONFIG names no cluster");
        }

        await server.PrepareAsync();
        var isRecording = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is "1";
        var recorded = new List<RecordedScenario>();
        using (Assert.EnterMultipleScope())
        {
            foreach (var scenario in ScenarioGenerator.Generate(isRecording ? Recorded : Fresh))
            {
                var answers = await server.RunAsync(scenario);
                recorded.Add(new(scenario, answers));
                Compare(scenario, answers);
            }
        }

        if (isRecording)
        {
            Recording.Write(recorded);
        }
    }

    private static void Compare(Scenario scenario, IReadOnlyList<Answer> expected)
    {
        var machine = new LocalMachine(Kind.Named(scenario.Kind));
        for (var at = 0; at < scenario.Steps.Count; at++)
        {
            var step = scenario.Steps[at];
            if (expected[at].Code is 422 && !Kind.Named(scenario.Kind).IsCustom && step.Verb is "apply" or "merge" or "update")
            {
                // What a built-in kind's own rules refuse is not ours to judge.
                continue;
            }

            var (ours, theirs) = (Recording.Show(machine.Do(step)), Recording.Show(expected[at]));
            if (ours != theirs)
            {
                Assert.Fail($"{scenario.Name} step {at}: {step.Verb} by {step.Manager} {step.Subresource} force={step.Force}: {step.Body.ToJsonString()}\nexpected {theirs}\nbut was {ours}");
                return;
            }
        }
    }
}
