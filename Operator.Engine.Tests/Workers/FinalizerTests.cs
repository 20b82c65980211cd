using System.Net;
using k8s.Autorest;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Engine.Tests.Workers;

public class FinalizerTests : FakeApiFixture
{
    private const string Foreign = "somebody.example/else";

    [Test]
    public async Task Finalizers_are_added_before_the_first_reconcile_and_foreign_ones_stay_first()
    {
        var unknown = Widget.Json("a", 1, Foreign);
        unknown["spec"]!["fieldThatOurTypeLacks"] = "kept";
        Api.Put("widgets", unknown);
        await using var test = await StartOperatorAsync();
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") >= 1);
        Assert.That(test.Script.Reconciled.First().Metadata.Finalizers, Is.EqualTo(new[] { Foreign, FirstFinalizer.Id, SecondFinalizer.Id }));
        Assert.That(Finalizers("a"), Is.EqualTo(new[] { Foreign, FirstFinalizer.Id, SecondFinalizer.Id }));
        Assert.That((string?)Api.Find("widgets", "default", "a")!["spec"]!["fieldThatOurTypeLacks"], Is.EqualTo("kept"));
    }

    [Test]
    public async Task On_deletion_ours_run_wherever_they_stand_and_foreign_ones_are_left()
    {
        Api.Put("widgets", Widget.Json("a", 1, Foreign));
        await using var test = await StartOperatorAsync();
        await Eventually.IsTrueAsync(() => Finalizers("a").Length == 3);
        await test.Client.DeleteAsync<Widget>("a", "default");
        await Eventually.IsTrueAsync(() => Finalizers("a").SequenceEqual([Foreign]));
        Assert.That(test.Script.Finalized.Select(finalized => finalized.Finalizer), Is.EqualTo(new[] { "first", "second" }));
        Assert.That(test.Script.Deleted, Is.Empty);

        var last = Api.Find("widgets", "default", "a")!;
        last["metadata"]!["finalizers"] = null;
        Api.Put("widgets", last);
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 1);
        Assert.That(test.Script.Finalized, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_finalizer_that_must_wait_keeps_the_object_and_is_asked_again_when_it_said()
    {
        var isFree = false;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartOperatorAsync(script => script.OnFinalize = (which, widget) => Task.FromResult(
            which == "first" && !Volatile.Read(ref isFree)
                ? ReconciliationResult<Widget>.Failure(widget, "Still in use.", requeueAfter: TimeSpan.FromSeconds(10))
                : ReconciliationResult<Widget>.Success(widget)));
        await Eventually.IsTrueAsync(() => Finalizers("a").Length == 2);
        await test.Client.DeleteAsync<Widget>("a", "default");
        await Eventually.IsTrueAsync(() => Finalizers("a").SequenceEqual([FirstFinalizer.Id]), "The other finalizer is not held up");
        Volatile.Write(ref isFree, true);
        await Eventually.IsTrueAsync(() => Api.Find("widgets", "default", "a") is null, test.Clock, TimeSpan.FromSeconds(1));
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 1);
        Assert.That(test.Script.Finalized.Count(finalized => finalized.Finalizer == "second"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_finalizer_that_fails_silently_is_asked_again_all_the_same()
    {
        var failures = 8;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartOperatorAsync(script => script.OnFinalize = (which, widget) => Task.FromResult(
            which == "first" && Interlocked.Decrement(ref failures) >= 0
                ? ReconciliationResult<Widget>.Failure(widget, "No.")
                : ReconciliationResult<Widget>.Success(widget)));
        await Eventually.IsTrueAsync(() => Finalizers("a").Length == 2);
        await test.Client.DeleteAsync<Widget>("a", "default");
        await Eventually.IsTrueAsync(() => Api.Find("widgets", "default", "a") is null, test.Clock, TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task An_object_that_was_changed_under_us_is_read_again_before_its_finalizers_are_written()
    {
        var interference = 0;
        Api.Put("widgets", Widget.Json("a", 1));
        Api.Intercept = call =>
        {
            if (call.Method == "PATCH" && Interlocked.Increment(ref interference) <= 3)
            {
                var other = Api.Find("widgets", "default", "a")!;
                other["metadata"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray($"{Foreign}-{interference}");
                Api.Put("widgets", other);
            }

            return Task.FromResult<(int, string)?>(null);
        };
        await using var test = await StartOperatorAsync();
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") >= 1);
        Assert.That(Finalizers("a"), Is.EqualTo(new[] { $"{Foreign}-3", FirstFinalizer.Id, SecondFinalizer.Id }));
    }

    [Test]
    public async Task An_object_that_ends_without_our_finalizer_still_reaches_the_controller()
    {
        await using var test = await StartOperatorAsync(settings: s => s.WithAutoAttachFinalizers(false));
        Api.Put("widgets", Widget.Json("a"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Assert.That(Finalizers("a"), Is.Empty);
        Api.Remove("widgets", "default", "a");
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 1);
        Assert.That(test.Script.Finalized, Is.Empty);
    }

    [Test]
    public async Task A_finalizer_can_be_attached_by_hand()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartOperatorAsync(settings: s => s.WithAutoAttachFinalizers(false));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        var attach = test.Services.GetRequiredService<EntityFinalizerAttacher<FirstFinalizer, Widget>>();
        var attached = await attach(test.Script.Reconciled.First());
        Assert.That(attached.Metadata.Finalizers, Is.EqualTo(new[] { FirstFinalizer.Id }));
        Assert.That(async () => await attach(test.Script.Reconciled.First()), Throws.TypeOf<HttpOperationException>()
            .With.Property("Response").Property("StatusCode").EqualTo(HttpStatusCode.Conflict), "That one is outdated.");
    }

    [Test]
    public async Task Finalizers_belong_to_every_controller_of_their_kind_whatever_the_first_one_selects()
    {
        Api.Put("widgets", Widget.Json("small", 1));
        Api.Put("widgets", Widget.Json("large", 9));
        await using var test = await TestOperator.StartAsync(Api, compose: composition => composition
            .AddControllerWithLabelSelector<OtherController, Widget, LargeOnes>()
            .AddController<WidgetController, Widget>()
            .AddFinalizer<FirstFinalizer, Widget>(FirstFinalizer.Id));
        await Eventually.IsTrueAsync(() => Finalizers("small").Length == 1 && Finalizers("large").Length == 1);
        await test.Client.DeleteAsync<Widget>("small", "default");
        await test.Client.DeleteAsync<Widget>("large", "default");
        await Eventually.IsTrueAsync(
            () => Api.Find("widgets", "default", "small") is null && Api.Find("widgets", "default", "large") is null,
            test.Clock,
            TimeSpan.FromMilliseconds(50));
    }

    private Task<TestOperator> StartOperatorAsync(Action<Script>? script = null, Action<OperatorSettingsBuilder>? settings = null) =>
        TestOperator.StartAsync(Api, script, settings, composition => composition
            .AddController<WidgetController, Widget>()
            .AddFinalizer<FirstFinalizer, Widget>(FirstFinalizer.Id)
            .AddFinalizer<SecondFinalizer, Widget>(SecondFinalizer.Id));

    private string[] Finalizers(string name) =>
        Api.Find("widgets", "default", name)?["metadata"]?["finalizers"]?.AsArray().Select(finalizer => (string)finalizer!).ToArray() ?? [];

    private sealed class LargeOnes : IEntityLabelSelector<Widget>
    {
        public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("size=s9");
    }

    private sealed class OtherController : IEntityController<Widget>
    {
        public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(entity));

        public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }
}
