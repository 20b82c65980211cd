using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What is left of an installation that is being removed goes, whatever has gone before it.</summary>
public sealed class RemovalStoryTests
{
    [Test]
    public async Task A_model_goes_although_the_definition_of_services_has_gone_before_the_operator_was_started()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("Other stories need the definitions.");
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        var first = await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("tiny");
        await cluster.ModelAsync("tiny", ModelPhases.Ready);
        await cluster.StopOperatorAsync(first);
        await cluster.Client.ApiextensionsV1.DeleteCustomResourceDefinitionAsync($"{InferenceService.KubePluralName}.{ApiGroup.Name}");
        await cluster.DeleteModelAsync("tiny");

        await cluster.StartOperatorAsync();

        await Eventually.SeeAsync(cluster.AllModelsAsync, l => l.Count == 0, "the Model is gone");
    }
}
