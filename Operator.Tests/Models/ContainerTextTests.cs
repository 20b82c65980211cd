using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.Models;

/// <summary>What a user wrote reaches the program in a container as it was written.</summary>
internal sealed class ContainerTextTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["HOME"] = "/root", ["$(HOME"] = "climbing" };

    [TestCase("/models/llama.gguf", "/models/llama.gguf")]
    [TestCase("/models/$(HOME).gguf", "/models/$$(HOME).gguf")]
    [TestCase("/models/$$(HOME).gguf", "/models/$$$$(HOME).gguf")]
    [TestCase("$(MISSING)$", "$$(MISSING)$$")]
    [TestCase("$x$$$", "$$x$$$$$$")]
    [TestCase("$($(HOME))", "$$($$(HOME))")]
    public void A_dollar_is_a_dollar(string text, string written)
    {
        Assert.That(ContainerText.Literal(text), Is.EqualTo(written));
        Assert.That(VariableExpansion.Expand(written, Variables), Is.EqualTo(text), "as a kubelet reads it");
    }
}
