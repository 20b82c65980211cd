using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Models;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>When a fetch becomes a span, and what is in it.</summary>
public sealed class ModelSpansTests
{
    private static readonly Func<ModelSnapshot, ModelSnapshot> NotFound = seen => seen.Failed(Seen.NotFound());
    private static readonly Func<ModelSnapshot, ModelSnapshot> Unreachable = seen => seen.Failed(Seen.Unreachable());

    private static readonly Dictionary<string, (Func<ModelSnapshot, ModelSnapshot>[] Before, Func<ModelSnapshot, ModelSnapshot> Now, string? Says)> Stories = new()
    {
        ["a fetch that runs is not over"] = ([], seen => seen.Running(), null),
        ["a fetch that ended well"] = ([seen => seen.Running()], seen => seen.Succeeded(), "ok"),
        ["a fetch that ended well is told once"] = ([seen => seen.Succeeded()], seen => seen.Succeeded(), null),
        ["a fetch that failed for good"] = ([seen => seen.Running()], NotFound, Reasons.SourceNotFound),
        ["a fetch that failed is told once"] = ([NotFound], NotFound, null),
        ["a fetch that will be tried again"] = ([seen => seen.Running()], Unreachable, Reasons.SourceUnreachable),
        ["a fetch that will be tried again is told once"] = ([Unreachable], Unreachable, null),
        ["the next try fails for the same reason"] = ([Unreachable, seen => seen.Running()], Unreachable, Reasons.SourceUnreachable),
        ["the next try ends well"] = ([Unreachable, seen => seen.Running()], seen => seen.Succeeded(), "ok"),
        ["a failed Job that loses its pod is told once"] = ([Unreachable], seen => Unreachable(seen) with { Pods = [] }, null),
        ["a result that may still come"] = ([seen => seen.Running()], seen => Lost(seen, secondsAgo: 0), null),
        ["a result that does not come"] = ([seen => seen.Running()], seen => Lost(seen, secondsAgo: 11), Reasons.DownloadFailed),
        ["the next try is not seen running, and its result may still come"] = ([Unreachable, Begun], seen => Lost(seen, secondsAgo: 0), null),
        ["the next try is not seen running, and its result does not come"] = ([Unreachable, Begun, seen => Lost(seen, secondsAgo: 0)], seen => Lost(seen, secondsAgo: 11), Reasons.DownloadFailed),
        ["the next try loses its result like the one before"] = ([seen => Lost(seen, secondsAgo: 11), Begun], seen => Lost(seen, secondsAgo: 0), null),
        ["a result that does not come is told once"] = ([seen => Lost(seen, secondsAgo: 11)], seen => Lost(seen, secondsAgo: 12), null),
        ["no fetch was needed"] = ([seen => seen.Succeeded()], seen => seen, null),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_fetch_is_told_when_it_ends(string story)
    {
        var model = Seen.Model();
        foreach (var step in Stories[story].Before) model.After(step);
        var seen = Stories[story].Now(Seen.Of(model));

        var span = ModelSpans.Ended(seen, model.Status, ModelDecider.Decide(seen).Status);

        Assert.That(span is null ? null : span.Error ?? "ok", Is.EqualTo(Stories[story].Says));
    }

    [Test]
    public void A_new_generation_while_a_failed_fetch_waits_is_no_second_end_of_it()
    {
        var model = Seen.Model().After(Unreachable);
        model.Metadata.Generation = 2;
        var seen = Unreachable(Seen.Of(model));

        Assert.That(ModelSpans.Ended(seen, model.Status, ModelDecider.Decide(seen).Status), Is.Null);
    }

    [Test]
    public void A_refusal_while_a_failed_Job_is_there_is_no_end_of_a_fetch_and_neither_is_what_follows()
    {
        var model = Seen.Model().After(Unreachable);
        var seen = Unreachable(Seen.Of(model));
        var blocked = ModelDecider.Decide(seen, Seen.Refusal()).Status;

        Assert.That(ModelSpans.Ended(seen, model.Status, blocked), Is.Null);

        model.Status = blocked;
        seen = Unreachable(Seen.Of(model));
        Assert.That(ModelSpans.Ended(seen, model.Status, ModelDecider.Decide(seen).Status), Is.Null);
    }

    [Test]
    public void A_spec_that_becomes_invalid_while_a_failed_Job_is_there_is_no_end_of_a_fetch_and_neither_is_what_follows()
    {
        var model = Seen.Model().After(Unreachable);
        (model.Metadata.Generation, model.Spec.Format) = (2, "safetensors");
        var seen = Unreachable(Seen.Of(model));
        var refused = ModelDecider.Decide(seen).Status;

        Assert.That(refused.Conditions.Find(ConditionTypes.Degraded)?.Reason, Is.EqualTo(Reasons.InvalidSpec));
        Assert.That(ModelSpans.Ended(seen, model.Status, refused), Is.Null);

        (model.Metadata.Generation, model.Spec.Format, model.Status) = (3, ModelFormats.Gguf, refused);
        seen = Unreachable(Seen.Of(model));
        Assert.That(ModelSpans.Ended(seen, model.Status, ModelDecider.Decide(seen).Status), Is.Null);
    }

    [Test]
    public void It_lasts_as_long_as_the_Job_and_tells_no_secret()
    {
        var model = Seen.Model(source: "https://me:passw0rd@models.example:8443/secret/tiny.gguf?token=passw0rd");
        var seen = Seen.Of(model).Succeeded(Seen.Complete() with { Resumes = 2, Transferred = 17 });
        seen.Job!.Status.StartTime = Seen.Now.UtcDateTime.AddSeconds(-90);

        var span = ModelSpans.Ended(seen, null, ModelDecider.Decide(seen).Status)!;

        Assert.That((span.Name, span.Start, span.End), Is.EqualTo(("model.fetch", Seen.Now.AddSeconds(-90), Seen.Now)));
        Assert.That(span.Attributes, Is.EquivalentTo(new Dictionary<string, object?>
        {
            ["llmkube.model.name"] = "tiny",
            ["k8s.job.name"] = FetchJobBuilder.NameOf(seen.Key),
            ["llmkube.model.source_type"] = "remote",
            ["url.scheme"] = "https",
            ["server.address"] = "models.example",
            ["llmkube.bytes"] = 4_939_212_390L,
            ["llmkube.bytes.transferred"] = 17L,
            ["llmkube.resumes"] = 2,
            ["llmkube.model.cached"] = false,
        }));
    }

    [Test]
    public void A_trace_is_of_an_object_and_a_generation()
    {
        var first = new V1ObjectMeta { Uid = "0e7f2a50-1111-4c52-8a3e-a21a1c6b7a11", Generation = 1 };
        var again = new V1ObjectMeta { Uid = first.Uid, Generation = 1, Name = "whatever", ResourceVersion = "7" };

        // Written down, since an operator of another version goes on with the traces of this one.
        Assert.That(ObjectTrace.IdOf(first).ToHexString(), Is.EqualTo("80495eb06734fb94ae3d9b97d3258fe4"));
        Assert.That(ObjectTrace.IdOf(again), Is.EqualTo(ObjectTrace.IdOf(first)));
        Assert.That(ObjectTrace.IdOf(new V1ObjectMeta { Uid = first.Uid, Generation = 2 }), Is.Not.EqualTo(ObjectTrace.IdOf(first)));
        Assert.That(ObjectTrace.IdOf(new V1ObjectMeta { Uid = "b", Generation = 1 }), Is.Not.EqualTo(ObjectTrace.IdOf(first)));
        Assert.That(ObjectTrace.LinkTo(first).Context.TraceId, Is.EqualTo(ObjectTrace.IdOf(first)));
    }

    // The Job is there again and its pod has no place yet.
    private static ModelSnapshot Begun(ModelSnapshot seen) => seen.WithJob();

    // The Job has ended well and its pod, with what it said, is gone.
    private static ModelSnapshot Lost(ModelSnapshot seen, int secondsAgo)
    {
        var ended = seen.Succeeded() with { Pods = [] };
        ended.Job!.Status.CompletionTime = Seen.Now.UtcDateTime.AddSeconds(-secondsAgo);
        return ended;
    }
}
