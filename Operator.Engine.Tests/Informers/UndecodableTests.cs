using System.Text.Json.Nodes;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Tests.Fakes;

namespace LlmKube.Operator.Engine.Tests.Informers;

/// <summary>One object that can't be read costs no other.</summary>
public class UndecodableTests : FakeApiFixture
{
    // What a server may hold that our types can't: some of it fails in the serializer, some in a converter, some before either.
    private static readonly Dictionary<string, Action<JsonObject>> Poisons = new()
    {
        ["a text where a number belongs"] = widget => widget["spec"]!["size"] = "enormous",
        ["a number that is too large"] = widget => widget["spec"]!["size"] = 1L << 40,
        ["a date with an offset that .NET does not take"] = widget => widget["status"] = new JsonObject { ["seenAt"] = "2026-01-01T00:00:00+15:00" },
        ["a date that is none"] = widget => widget["status"] = new JsonObject { ["seenAt"] = "yesterday" },
        ["nesting beyond the serializer's depth"] = widget => widget["spec"]!["notes"] = Nested(100),
        ["nesting beyond its depth, which somebody manages"] = widget =>
        {
            widget["spec"]!["notes"] = Nested(100);
            widget["metadata"]!["managedFields"] = new JsonArray(new JsonObject { ["manager"] = "kubectl", ["fieldsV1"] = Nested(100) });
        },
    };

    public static IEnumerable<string> PoisonStories => Poisons.Keys;

    [TestCaseSource(nameof(PoisonStories))]
    public async Task An_object_that_can_not_be_decoded_degrades_alone(string story)
    {
        Api.Put("widgets", Poisoned("bad", story));
        Api.Put("widgets", Widget.Json("good"));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("good") == 1);
        Assert.That(test.Informers.Of<Widget>()[0].UndecodableCount, Is.EqualTo(1));

        Api.Put("widgets", Poisoned("good", story));
        await Eventually.IsTrueAsync(() => test.Informers.Of<Widget>()[0].UndecodableCount == 2);
        Api.Put("widgets", Widget.Json("other"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("other") == 1);
        Assert.That(test.Script.Deleted, Is.Empty, "It is not gone, only unreadable.");
        var requests = Api.Calls.Count;
        Assert.That(
            async () => await test.Client.GetAsync<Widget>("bad", "default"),
            Throws.TypeOf<UndecodableObjectException>().With.Message.Contains("default/bad"));
        Assert.That(Api.Calls, Has.Count.EqualTo(requests), "The informer knows it already.");

        Api.Put("widgets", Widget.Json("bad"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("bad") == 1, "The mended object");
        Api.Remove("widgets", "default", "good");
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 1, "The end of the unreadable object, in its last good state");
    }

    [Test]
    public async Task The_end_of_an_object_that_was_never_readable_is_told_with_its_name()
    {
        Api.Put("widgets", Poisoned("bad", "a date that is none"));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        Api.Remove("widgets", "default", "bad");
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 1);
        var gone = test.Script.Deleted.Single();
        Assert.That((gone.Kind, gone.Metadata.Name, gone.Metadata.NamespaceProperty), Is.EqualTo(("Widget", "bad", "default")));
    }

    private static JsonObject Poisoned(string name, string story)
    {
        var widget = Widget.Json(name);
        Poisons[story](widget);
        return widget;
    }

    private static JsonObject Nested(int depth)
    {
        var nested = new JsonObject();
        for (var i = 0; i < depth; i++) nested = new JsonObject { ["f"] = nested };
        return nested;
    }
}
