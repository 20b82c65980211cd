using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Engine.Tests.Fakes;

namespace LlmKube.Operator.Engine.Tests.Client;

public class RetryAfterTests : FakeApiFixture
{
    [Test]
    public async Task A_request_that_an_overloaded_server_puts_off_is_repeated_when_it_said_but_not_for_ever()
    {
        var refusals = 2;
        Api.PutOff = call => call.Target.Resource == "pods" && refusals-- > 0 ? 2 : null;
        await using var test = await TestOperator.StartAsync(Api);
        var creating = test.Client.CreateAsync(new V1Pod { Metadata = new() { Name = "a", NamespaceProperty = "default" } });
        await Eventually.IsTrueAsync(() => creating.IsCompleted, test.Clock, TimeSpan.FromSeconds(1));
        Assert.That((await creating).Metadata.Uid, Is.Not.Null);
        Assert.That(Api.Count(call => call.Target.Resource == "pods"), Is.EqualTo(3));

        refusals = int.MaxValue;
        var listing = test.Client.ListAsync<V1Pod>();
        await Eventually.IsTrueAsync(() => listing.IsCompleted, test.Clock, TimeSpan.FromSeconds(1));
        Assert.That(async () => await listing, Throws.TypeOf<HttpOperationException>().With.Message.Contains("too many requests"));
        Assert.That(Api.Count(call => call.Target.Resource == "pods"), Is.EqualTo(3 + 11), "client-go repeats ten times.");
    }

    [Test]
    public async Task All_repeats_together_hold_a_worker_for_a_minute_at_most()
    {
        Api.PutOff = call => call.Target.Resource == "pods" ? 40 : null;
        await using var test = await TestOperator.StartAsync(Api);
        var listing = test.Client.ListAsync<V1Pod>();
        await Eventually.IsTrueAsync(() => listing.IsCompleted, test.Clock, TimeSpan.FromSeconds(10));
        Assert.That(async () => await listing, Throws.TypeOf<HttpOperationException>());
        Assert.That(Api.Count(call => call.Target.Resource == "pods"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_request_that_is_put_off_for_long_is_refused_at_once()
    {
        Api.PutOff = call => call.Target.Resource == "pods" ? 3600 : null;
        await using var test = await TestOperator.StartAsync(Api);
        Assert.That(async () => await test.Client.ListAsync<V1Pod>(), Throws.TypeOf<HttpOperationException>());
        Assert.That(Api.Count(call => call.Target.Resource == "pods"), Is.EqualTo(1));
    }
}
