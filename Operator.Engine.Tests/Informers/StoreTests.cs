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
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Bool).Array[0, 60].Sample(steps =>
        {
            var fields = new Dictionary<string, Func<Widget, string?>> { ["spec.size"] = w => w.Metadata.Labels["size"] };
            var (store, truth) = (new Store<Widget>(fields: fields), new Dictionary<ObjectKey, Widget>());
            var version = 0;
            Check();
            foreach (var (name, label, isRemoval) in steps)
            {
                var widget = Make(name, label, ++version);
                var key = ObjectKey.Of(widget);
                if (isRemoval)
                {
                    store.Remove(key, widget.Metadata.ResourceVersion, widget.Metadata.ResourceVersion);
                    truth.Remove(key);
                }
                else
                {
                    store.Set(key, widget, widget.Metadata.ResourceVersion);
                    truth[key] = widget;
                }
            }

            Check();

            void Check()
            {
                for (var i = 0; i < 4; i++)
                {
                    if (!LabelExpression.TryParse($"size=s{i}", out var labels)) throw new InvalidOperationException();
                    if (!FieldExpression.TryParse($"spec.size=s{i}", out var isOfSize) || !FieldExpression.TryParse($"spec.size!=s{i},metadata.namespace=n1", out var isOther)) throw new InvalidOperationException();
                    Assert.That(store.Knows(isOfSize) && store.Knows(isOther));
                    Same(store.List(null, LabelExpression.Everything, isOfSize), truth.Values.Where(w => w.Metadata.Labels["size"] == $"s{i}"));
                    Same(store.List("n1", labels, isOfSize), truth.Values.Where(w => w.Metadata.Labels["size"] == $"s{i}" && w.Metadata.NamespaceProperty == "n1"));
                    Same(store.List(null, LabelExpression.Everything, isOther), truth.Values.Where(w => w.Metadata.Labels["size"] != $"s{i}" && w.Metadata.NamespaceProperty == "n1"));
                    Same(store.List(null, labels, FieldExpression.Everything), truth.Values.Where(w => w.Metadata.Labels["size"] == $"s{i}"));
                    Same(store.List("n1", labels, FieldExpression.Everything), truth.Values.Where(w => w.Metadata.Labels["size"] == $"s{i}" && w.Metadata.NamespaceProperty == "n1"));
                }

                Same(store.List("n0", LabelExpression.Everything, FieldExpression.Everything), truth.Values.Where(w => w.Metadata.NamespaceProperty == "n0"));
            }
        });

    [Test]
    public void Neither_what_a_watch_brings_nor_what_a_write_answers_is_kept_untransformed()
    {
        var store = new Store<Widget>(transform: widget => widget.Metadata.Labels = null);
        var (seen, answered) = (Make(0, 1, 1), Make(0, 2, 2));
        var key = ObjectKey.Of(seen);
        store.Set(key, seen, "1");
        Assert.That(store.Get(key)!.Metadata.Labels, Is.Null);
        store.Foresee(answered);
        Assert.That((store.Get(key), store.Get(key)!.Metadata.Labels), Is.EqualTo((answered, (object?)null)));
    }

    [Test]
    public void A_write_is_seen_until_the_watch_has_caught_up()
    {
        var (store, key) = Holding(Make(0, 0, 10));
        store.Foresee(Make(0, 1, 12));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"));
        store.Set(key, Make(0, 2, 11), "11");
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"), "The watch brings what was before the write.");
        store.Set(key, Make(0, 3, 13), "13");
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("13"));
        store.Foresee(Make(0, 1, 12));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("13"), "The answer came late.");
    }

    [Test]
    public void An_answer_that_comes_while_a_list_is_taken_in_is_seen_until_the_list_is()
    {
        var (store, key) = Holding(Make(0, 0, 10));
        store.Foresee(Make(0, 1, 12));
        store.Set(new("n0", "w2"), Make(2, 0, 14), reached: null);
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"), "The list has no order.");
        store.Set(key, Make(0, 3, 13), reached: null);
        store.Listed("14");
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("13"));
    }

    // How the store has come to know that the object was gone again before the answer to its creation or change arrived.
    private static readonly Dictionary<string, Action<Store<Widget>>> Ends = new()
    {
        ["the watch brought its end"] = store =>
        {
            store.Set(new("n0", "w0"), Make(0, 0, 10), "10");
            store.Remove(new("n0", "w0"), "12", "12");
        },
        ["a list does not have it, though the watch never brought it"] = store => store.Listed("12"),
        ["a bookmark is past it"] = store => store.Reached("13"),
    };

    [TestCaseSource(nameof(EndStories))]
    public void An_answer_about_an_object_that_is_gone_makes_no_ghost(string story)
    {
        var store = new Store<Widget>();
        store.Reached("9");
        Ends[story](store);
        store.Foresee(Make(0, 1, 11));
        Assert.That(store.Get(new("n0", "w0")), Is.Null);
        Assert.That(store.List(null, LabelExpression.Everything, FieldExpression.Everything), Is.Empty);
    }

    public static IEnumerable<string> EndStories => Ends.Keys;

    [Test]
    public void A_ghost_that_came_before_the_list_goes_with_it()
    {
        var store = new Store<Widget>();
        store.Reached("9");
        store.Foresee(Make(0, 1, 11));
        Assert.That(store.Get(new("n0", "w0")), Is.Not.Null);
        store.Listed("20");
        Assert.That(store.List(null, LabelExpression.Everything, FieldExpression.Everything), Is.Empty);
    }

    [Test]
    public void A_watch_that_passes_an_answer_over_makes_the_store_no_older_than_it_was()
    {
        var (store, key) = Holding(Make(0, 0, 10));
        store.Foresee(Make(0, 1, 12));
        store.Set(new("n0", "w2"), Make(2, 0, 14), "14");
        store.Reached("20");
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"), "Its event was lost; what has been read once is not unread.");
        store.Set(key, Make(0, 2, 21), "21");
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("21"));
    }

    [Test]
    public void An_answer_whose_event_the_watch_has_passed_over_already_counts()
    {
        var (store, key) = Holding(Make(0, 0, 10));
        store.Set(new("n0", "w2"), Make(2, 0, 14), "14");
        store.Foresee(Make(0, 1, 12));
        Assert.That(store.Get(key)!.Metadata.ResourceVersion, Is.EqualTo("12"), "the object is there, and is as it was before the write");
    }

    [Test]
    public void What_the_API_server_says_is_gone_is_gone_before_the_watch_says_so()
    {
        var (store, key) = Holding(Make(0, 0, 10));
        store.Foresee(Make(0, 0, 11));
        store.ForeseeEnd(key, "uid-0");
        Assert.That(store.Get(key), Is.Null);
        Assert.That(store.List(null, LabelExpression.Everything, FieldExpression.Everything), Is.Empty);
        Assert.That(store.GetSeen(key), Is.Not.Null, "The controller has yet to be told of its end.");
        store.Remove(key, "12", "12");
        var successor = Make(0, 0, 13);
        successor.Metadata.Uid = "another";
        store.Set(key, successor, "13");
        store.ForeseeEnd(key, "uid-0");
        Assert.That(store.Get(key), Is.SameAs(successor));
    }

    // A Namespace, say, is held back by spec.finalizers, of which the engine knows nothing.
    [Test]
    public void What_is_to_go_is_there_until_somebody_says_that_it_is_gone()
    {
        var (store, key) = Holding(Make(0, 0, 10));
        var ending = Make(0, 0, 11);
        ending.Metadata.DeletionTimestamp = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        store.Foresee(ending);
        Assert.That(store.Get(key), Is.SameAs(ending));
    }

    [Test]
    public void Who_changes_a_stored_object_is_found_out()
    {
        var detector = new StoreMutationDetector();
        var store = new Store<Widget>(detector);
        var widget = Make(0, 0, 1);
        store.Set(ObjectKey.Of(widget), widget, "1");
        Assert.That(detector.VerifyAll, Throws.Nothing);
        widget.Spec.Size = 99;
        Assert.That(detector.VerifyAll, Throws.InvalidOperationException.With.Message.Contains("n0/w0 was changed"));
    }

    private static void Same(IEnumerable<Widget> actual, IEnumerable<Widget> expected)
    {
        if (!actual.ToHashSet().SetEquals(expected)) throw new InvalidOperationException("The index and the objects differ.");
    }

    private static (Store<Widget> Store, ObjectKey Key) Holding(Widget widget)
    {
        var (store, key) = (new Store<Widget>(), ObjectKey.Of(widget));
        store.Set(key, widget, widget.Metadata.ResourceVersion);
        return (store, key);
    }

    private static Widget Make(int name, int label, int version) => new()
    {
        Metadata = new()
        {
            Name = $"w{name}",
            NamespaceProperty = $"n{name % 2}",
            Uid = $"uid-{name}",
            ResourceVersion = $"{version}",
            Labels = new Dictionary<string, string> { ["size"] = $"s{label}" },
        },
    };
}
