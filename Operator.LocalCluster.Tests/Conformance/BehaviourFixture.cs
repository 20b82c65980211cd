namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>Runs one behaviour: its steps in a namespace of its own.</summary>
[Parallelizable(ParallelScope.None)]
public abstract class BehaviourFixture
{
    private protected static async Task RunAsync(IEnumerable<Step> steps)
    {
        var api = await ConformanceCluster.NewNamespaceAsync();
        try
        {
            foreach (var step in steps) await step.RunAsync(api);
        }
        finally
        {
            await ConformanceCluster.DeleteNamespaceAsync(api);
        }
    }
}
