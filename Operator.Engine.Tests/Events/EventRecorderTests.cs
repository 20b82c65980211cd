using KubeOps.Abstractions.Events;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Engine.Tests.Events;

public class EventRecorderTests
{
    private static readonly Widget Subject = new() { Metadata = new() { Name = "a", NamespaceProperty = "default", Uid = "uid-a" } };

    private FakeApi _api = null!;
    private TestOperator _test = null!;
    private EventPublisher _publish = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _api = await FakeApi.StartAsync();
        _test = await TestOperator.StartAsync(_api);
        _publish = _test.Services.GetRequiredService<EventPublisher>();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _test.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Test]
    public async Task News_becomes_an_event_about_the_object_in_its_namespace()
    {
        await _publish(Subject, "Downloading", "3 of 10 GiB", EventType.Warning);
        var body = Created().Single().Body!;
        Assert.Multiple(() =>
        {
            Assert.That(Created().Single().Path, Is.EqualTo("/api/v1/namespaces/default/events"));
            Assert.That((string?)body["reason"], Is.EqualTo("Downloading"));
            Assert.That((string?)body["message"], Is.EqualTo("3 of 10 GiB"));
            Assert.That((string?)body["type"], Is.EqualTo("Warning"));
            Assert.That((string?)body["involvedObject"]!["kind"], Is.EqualTo("Widget"));
            Assert.That((string?)body["involvedObject"]!["apiVersion"], Is.EqualTo("test.llmkube.dev/v1"));
            Assert.That((string?)body["involvedObject"]!["uid"], Is.EqualTo("uid-a"));
            Assert.That((string?)body["source"]!["component"], Is.EqualTo("test-operator"));
            Assert.That((int?)body["count"], Is.EqualTo(1));
        });
    }

    [TestCase("x", 1024, ExpectedResult = 1024)]
    [TestCase("x", 1025, ExpectedResult = 1022)]
    [TestCase("é", 1000, ExpectedResult = 511)]
    [TestCase("🦙", 300, ExpectedResult = 256)]
    public async Task<int> A_message_is_cut_to_a_kilobyte_and_never_within_a_character(string character, int times)
    {
        await _publish(Subject, "Step", string.Concat(Enumerable.Repeat(character, times)));
        var message = (string)Created().Single().Body!["message"]!;
        Assert.That(System.Text.Encoding.UTF8.GetByteCount(message), Is.LessThanOrEqualTo(1024));
        Assert.That(message, Does.Not.Contain("\uFFFD"));
        return message.EnumerateRunes().Count();
    }

    [Test]
    public async Task The_same_news_again_raises_the_count()
    {
        for (var i = 0; i < 3; i++) await _publish(Subject, "Waiting", "for a GPU");
        Assert.That(Created(), Has.Count.EqualTo(1));
        var name = (string)Created().Single().Body!["metadata"]!["name"]!;
        Assert.That((int?)_api.Find("events", "default", name)!["count"], Is.EqualTo(3));
    }

    [Test]
    public async Task News_from_before_a_restart_is_counted_on()
    {
        await _publish(Subject, "Waiting", "for a GPU");
        await using var restarted = await TestOperator.StartAsync(_api);
        await restarted.Services.GetRequiredService<EventPublisher>()(Subject, "Waiting", "for a GPU");
        var name = (string)Created().First().Body!["metadata"]!["name"]!;
        Assert.That((int?)_api.Find("events", "default", name)!["count"], Is.EqualTo(2));
    }

    [Test]
    public async Task An_event_that_has_expired_is_made_anew()
    {
        await _publish(Subject, "Waiting", "for a GPU");
        _api.Remove("events", "default", (string)Created().Single().Body!["metadata"]!["name"]!);
        await _publish(Subject, "Waiting", "for a GPU");
        Assert.That(Created(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task An_object_with_too_much_news_loses_some_and_the_others_do_not()
    {
        for (var i = 0; i < 30; i++) await _publish(Subject, "Step", $"number {i}");
        Assert.That(Created(), Has.Count.EqualTo(25));
        await _publish(new Widget { Metadata = new() { Name = "b", NamespaceProperty = "default", Uid = "uid-b" } }, "Step", "one");
        Assert.That(Created(), Has.Count.EqualTo(26));
        _test.Clock.Advance(TimeSpan.FromMinutes(5));
        await _publish(Subject, "Step", "later");
        await _publish(Subject, "Step", "too soon");
        Assert.That(Created(), Has.Count.EqualTo(27));
        Assert.That(await CountAsync("dropped"), Is.EqualTo(6));
    }

    [Test]
    public async Task A_refusal_is_no_trouble_of_the_reconciler_and_is_counted()
    {
        _api.Intercept = call => Task.FromResult<(int, string)?>(call.Target.Resource == "events" ? (500, "no") : null);
        await _publish(Subject, "Step", "one");
        Assert.That(await CountAsync("failed"), Is.EqualTo(1));
    }

    [Test]
    public async Task In_a_namespace_that_ends_news_is_skipped()
    {
        _api.Intercept = call => Task.FromResult<(int, string)?>(call.Target.Resource == "events"
            ? (403, """{"kind":"Status","code":403,"reason":"Forbidden","message":"events \"a\" is forbidden: unable to create new content in namespace default because it is being terminated","details":{"causes":[{"reason":"NamespaceTerminating","message":"namespace default is being terminated","field":"metadata.namespace"}]}}""")
            : null);
        await _publish(Subject, "Step", "one");
        Assert.That(await CountAsync("skipped"), Is.EqualTo(1));
        Assert.That(await CountAsync("failed"), Is.Zero);
    }

    private List<ApiCall> Created() => [.. _api.Calls.Where(call => call is { Method: "POST", Target.Resource: "events" })];

    private async Task<int> CountAsync(string result)
    {
        using var stream = new MemoryStream();
        await _test.Registry.CollectAndExportAsTextAsync(stream);
        var line = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n')
            .FirstOrDefault(line => line.StartsWith($$"""llmkube_events_total{result="{{result}}"}""", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
