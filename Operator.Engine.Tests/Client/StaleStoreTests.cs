using System.Text.Json;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Engine.Tests.Client;

/// <summary>What the client answers when the API server knows more than the store.</summary>
public class StaleStoreTests : FakeApiFixture
{
    // The watch is silent: the store knows less than the API server.
    [Test]
    public async Task Saving_overwrites_what_a_store_has_yet_to_hear_of()
    {
        await using var test = await StaleAsync();
        var mine = Widget.Json("a", 5).Deserialize<Widget>(WireFormat.Options)!;
        await test.Client.SaveAsync(mine);
        Assert.That((int?)Api.Find("widgets", "default", "a")!["spec"]!["size"], Is.EqualTo(5));
        await test.Client.SaveAsync(Widget.Json("new", 6).Deserialize<Widget>(WireFormat.Options)!);
        Assert.That((int?)Api.Find("widgets", "default", "new")!["spec"]!["size"], Is.EqualTo(6));
    }

    [TestCase(true, TestName = "After_a_lost_race_a_get_asks_the_API_server_until_it_has_answered")]
    [TestCase(false, TestName = "After_a_lost_race_a_list_asks_the_API_server_until_it_has_answered")]
    public async Task After_a_lost_race_the_API_server_is_asked_until_it_has_answered(bool isGet)
    {
        await using var test = await StaleAsync();
        await LoseRaceAsync(test);
        Api.Intercept = call => Task.FromResult<(int, string)?>(call is { Method: "GET", Target.Name: "a" } ? (503, "no") : null);
        Assert.That(async () => await ReadAsync(), Throws.TypeOf<HttpOperationException>());
        Api.Intercept = null;
        Assert.That((await ReadAsync())!.Spec.Size, Is.EqualTo(2));
        var requests = Api.Calls.Count;
        Assert.That((await ReadAsync())!.Spec.Size, Is.EqualTo(2));
        Assert.That(Api.Calls, Has.Count.EqualTo(requests), "What was answered is known now.");

        async Task<Widget?> ReadAsync() => isGet
            ? await test.Client.GetAsync<Widget>("a", "default")
            : (await test.Client.ListAsync<Widget>("default")).SingleOrDefault(widget => widget.Metadata.Name == "a");
    }

    [TestCase(true, TestName = "What_a_get_finds_gone_is_no_ghost_in_the_next_answer")]
    [TestCase(false, TestName = "What_a_list_finds_gone_is_no_ghost_in_it")]
    public async Task What_the_API_server_says_is_gone_is_in_no_answer(bool isGet)
    {
        await using var test = await StaleAsync();
        await LoseRaceAsync(test);
        Api.Remove("widgets", "default", "a");
        if (isGet) Assert.That(await test.Client.GetAsync<Widget>("a", "default"), Is.Null);
        Assert.That((await test.Client.ListAsync<Widget>("default")).Select(widget => widget.Metadata.Name), Has.None.EqualTo("a"));
        Assert.That(await test.Client.GetAsync<Widget>("a", "default"), Is.Null);
    }

    [Test]
    public async Task What_is_gone_when_it_is_to_be_changed_is_looked_for_once_more()
    {
        await using var test = await StaleAsync();
        Api.Remove("widgets", "default", "a");
        Assert.That((await test.Client.GetAsync<Widget>("a", "default"))!.Spec.Size, Is.EqualTo(1), "the store has not heard of it");

        Assert.That(
            async () => await test.Client.PatchAsync<Widget>(new V1Patch("{}", V1Patch.PatchType.MergePatch), "a", "default", "me"),
            Throws.TypeOf<HttpOperationException>());

        Assert.That(await test.Client.GetAsync<Widget>("a", "default"), Is.Null);
    }

    [Test]
    public async Task An_onlooker_asks_nobody_and_leaves_the_news_to_who_comes_next()
    {
        await using var test = await StaleAsync();
        await LoseRaceAsync(test);
        var onlooker = test.Services.GetRequiredKeyedService<IKubernetesClient>("onlooker");
        var requests = Api.Calls.Count;

        Assert.That((await onlooker.ListAsync<Widget>("default")).Single().Spec.Size, Is.EqualTo(1));
        Assert.That(Api.Calls, Has.Count.EqualTo(requests));
        Assert.That((await test.Client.ListAsync<Widget>("default")).Single(widget => widget.Metadata.Name == "a").Spec.Size, Is.EqualTo(2));
    }

    [TestCase("spec.size=1", true)]
    [TestCase("spec.size=1,metadata.namespace!=other", true)]
    [TestCase("spec.seen=1", false)]
    public async Task What_the_host_has_named_is_listed_without_the_API_server(string fields, bool isKnown)
    {
        Api.Put("widgets", Widget.Json("a", 1));
        Api.Put("widgets", Widget.Json("b", 2));
        await using var test = await TestOperator.StartAsync(
            Api,
            compose: o => o.AddController<WidgetController, Widget>().Services.AddKeyedSingleton<IReadOnlyDictionary<string, Func<Widget, string?>>>(
                InformerRegistry.StoreFields, new Dictionary<string, Func<Widget, string?>> { ["spec.size"] = w => $"{w.Spec.Size}" }));
        await Eventually.IsTrueAsync(() => test.Script.Runs("b") == 1);
        var requests = Api.Calls.Count(c => c.Query.ContainsKey("fieldSelector"));

        var found = await test.Client.ListAsync<Widget>("default", fieldSelector: fields);

        Assert.That(Api.Calls.Count(c => c.Query.ContainsKey("fieldSelector")) - requests, Is.EqualTo(isKnown ? 0 : 1));
        if (isKnown) Assert.That(found.Select(w => w.Metadata.Name), Is.EqualTo(new[] { "a" }));
    }

    // An operator whose store has "a" of size 1, while the API server has it of size 2 and a "new" beside it.
    private async Task<TestOperator> StaleAsync()
    {
        Api.Put("widgets", Widget.Json("a", 1));
        var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1 && Api.Watches("widgets") == 1);
        Api.MuteWatches();
        Api.Put("widgets", Widget.Json("a", 2));
        Api.Put("widgets", Widget.Json("new", 1));
        return test;
    }

    private static async Task LoseRaceAsync(TestOperator test)
    {
        var stale = WireFormat.Copy((await test.Client.GetAsync<Widget>("a", "default"))!);
        Assert.That(async () => await test.Client.UpdateAsync(stale), Throws.TypeOf<HttpOperationException>());
    }
}
