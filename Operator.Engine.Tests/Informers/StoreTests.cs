using CsCheck;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Selecting;
using LlmKube.Operator.Engine.Tests.Fakes;

namespace LlmKube.Operator.Engine.Tests.Informers;

public class StoreTests
{
    [Test]
    public void Indexes_answer_what_a_look_at_every_object_answers() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool).Array[0, 60].Sample(steps =>
        {
            var (store, truth) = (new Store<Widget>(), new Dictionary<ObjectKey, Widget>());
            var version = 0;
            Check();
            foreach (var (name, label, owner, isRemoval) in steps)
            {
                var widget = Make(name, label, owner, ++version);
                var key = ObjectKey.Of(widget);
                if (isRemoval)
                {
                    store.Remove(key, widget.Metadata.ResourceVersion);
                    truth.Remove(key);
                }
                else
                {
                    store.Set(key, widget);
                    truth[key] = widget;
                }
            }

            Check();

            void Check()
            {
                for (var i = 0; i < 4; i++)
                {
                    if (!LabelExpression.TryParse($"size=s{i}", out var labels)) throw new InvalidOperationException();
                    Same(store.List(null, labels), truth.Values.Where(w => w.Metadata.Labels["size"] == $"s{i}"));
                    Same(store.List("n1", labels), truth.Values.Where(w => w.Metadata.Labels["size"] == $"s{i}" && w.Metadata.NamespaceProperty == "n1"));
                    Same(store.OwnedBy($"owner-{i}"), truth.Values.Where(w => w.Metadata.OwnerReferences[0].Uid == $"owner-{i}"));
                }

                Same(store.List("n0", LabelExpression.Everything), truth.Values.Where(w => w.Metadata.NamespaceProperty == "n0"));
            }
        });

    [Test]
    public void A_write_is_seen_until_the_watch_has_caught_up()
    {
        var store = new Store<Widget>();
        var key = new ObjectKey("n0", "w0");
        store.Set(key, Make(0, 0, 0, 10));
        store.Foresee(Make(0, 1, 0, 12));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"));
        store.Set(key, Make(0, 2, 0, 11));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"), "The watch brings what was before the write.");
        store.Set(key, Make(0, 3, 0, 13));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("13"));
        store.Foresee(Make(0, 1, 0, 12));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("13"), "The answer came late.");
    }

    [Test]
    public void An_answer_about_an_object_that_is_gone_makes_no_ghost()
    {
        var store = new Store<Widget>();
        var key = new ObjectKey("n0", "w0");
        store.Set(key, Make(0, 0, 0, 10));
        store.Remove(key, "12");
        store.Foresee(Make(0, 1, 0, 11));
        Assert.That(store.Get(key), Is.Null);
        store.Foresee(Make(2, 1, 0, 11));
        store.ForgetForeseen("20", new HashSet<ObjectKey>());
        Assert.That(store.List(null, LabelExpression.Everything), Is.Empty);
    }

    [Test]
    public void An_object_that_nothing_holds_back_any_more_is_gone_before_the_watch_says_so()
    {
        var store = new Store<Widget>();
        var key = new ObjectKey("n0", "w0");
        store.Set(key, Make(0, 0, 0, 10));
        var ended = Make(0, 0, 0, 11);
        ended.Metadata.DeletionTimestamp = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        store.Foresee(ended);
        Assert.That(store.Get(key), Is.Null);
        Assert.That(store.List(null, LabelExpression.Everything), Is.Empty);
        Assert.That(store.GetSeen(key), Is.Not.Null, "The controller has yet to be told of its end.");
        store.Remove(key, "12");
        var successor = Make(0, 0, 0, 13);
        successor.Metadata.Uid = "another";
        store.Set(key, successor);
        Assert.That(store.Get(key), Is.SameAs(successor));
    }

    [Test]
    public void Who_changes_a_stored_object_is_found_out()
    {
        var detector = new StoreMutationDetector();
        var store = new Store<Widget>(detector);
        var widget = Make(0, 0, 0, 1);
        store.Set(ObjectKey.Of(widget), widget);
        Assert.That(detector.VerifyAll, Throws.Nothing);
        widget.Spec.Size = 99;
        Assert.That(detector.VerifyAll, Throws.InvalidOperationException.With.Message.Contains("n0/w0 was changed"));
    }

    private static void Same(IEnumerable<Widget> actual, IEnumerable<Widget> expected)
    {
        if (!actual.ToHashSet().SetEquals(expected)) throw new InvalidOperationException("The index and the objects differ.");
    }

    private static Widget Make(int name, int label, int owner, int version) => new()
    {
        Metadata = new()
        {
            Name = $"w{name}",
            NamespaceProperty = $"n{name % 2}",
            Uid = $"uid-{name}",
            ResourceVersion = $"{version}",
            Labels = new Dictionary<string, string> { ["size"] = $"s{label}" },
            OwnerReferences = [new() { Uid = $"owner-{owner}", Name = "o", Kind = "O", ApiVersion = "v1" }],
        },
    };
}
