namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>Tests that each have an API server of their own.</summary>
public abstract class FakeApiFixture
{
    private protected FakeApi Api { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync() => Api = await FakeApi.StartAsync();

    [TearDown]
    public async Task StopAsync() => await Api.DisposeAsync();
}
