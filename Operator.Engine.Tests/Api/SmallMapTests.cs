using System.Text.Json;
using CsCheck;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Tests.Api;

public class SmallMapTests
{
    private static readonly Gen<string> s_keys = Gen.String[Gen.Char['a', 'h'], 1, 1];

    [Test]
    public void It_does_what_a_dictionary_does() =>
        Gen.Select(s_keys, Gen.Int[0, 9], Gen.Int[0, 4]).Array[0, 40].Sample(steps =>
        {
            IDictionary<string, int> map = new SmallMap<int>([]);
            IDictionary<string, int> truth = new Dictionary<string, int>();
            foreach (var (key, value, step) in steps)
            {
                var pair = KeyValuePair.Create(key, value);
                if (!Equals(Did(map), Did(truth))) return false;
                if (!Pairs(map).SequenceEqual(Pairs(truth)) || map.Count != truth.Count || !map.Keys.Order().SequenceEqual(truth.Keys.Order()) || !map.Values.Order().SequenceEqual(truth.Values.Order())) return false;

                object? Did(IDictionary<string, int> of)
                {
                    switch (step)
                    {
                        case 0:
                            of[key] = value;
                            return true;
                        case 1:
                            return of.ContainsKey(key) || of.TryAdd(key, value);
                        case 2:
                            return of.Remove(key);
                        case 3:
                            return of.Contains(pair) && of.Remove(pair);
                        default:
                            return of.TryGetValue(key, out var found) ? found : -1;
                    }
                }
            }

            return true;
        });

    [Test]
    public void What_is_not_in_it_and_what_is_there_twice_are_refused()
    {
        var map = new SmallMap<int>([KeyValuePair.Create("a", 1)]);
        Assert.That(() => map["b"], Throws.TypeOf<KeyNotFoundException>());
        Assert.That(() => map.Add("a", 2), Throws.ArgumentException);
    }

    [Test]
    public void Maps_are_read_and_written_as_the_package_does() =>
        Gen.Dictionary(Gen.String, Gen.Select(Gen.String, Gen.Bool, (text, isNull) => isNull ? null : text))[0, 40].Sample(labels =>
        {
            var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "a", Labels = labels! } };
            var truth = KubernetesJson.Serialize(pod);
            var read = JsonSerializer.Deserialize<V1Pod>(truth, WireFormat.Options)!;
            return KubernetesJson.Serialize(read) == truth && JsonSerializer.Serialize(read, WireFormat.Options) == truth;
        });

    [Test]
    public void Few_labels_and_quantities_take_little_room_and_an_entry_that_is_there_twice_counts_as_the_last()
    {
        var pod = JsonSerializer.Deserialize<V1Pod>(
            """{"metadata":{"labels":{"app":"a","app":"b"}},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"}}}],"nodeSelector":null}}""", WireFormat.Options)!;
        Assert.That(pod.Metadata.Labels, Is.TypeOf<SmallMap<string>>().And.EqualTo(new Dictionary<string, string> { ["app"] = "b" }));
        Assert.That(pod.Spec.Containers[0].Resources.Limits, Is.TypeOf<SmallMap<ResourceQuantity>>().And.Count.EqualTo(1));
        Assert.That(pod.Spec.NodeSelector, Is.Null);
    }

    private static IEnumerable<KeyValuePair<string, int>> Pairs(IEnumerable<KeyValuePair<string, int>> map) => map.OrderBy(e => e.Key, StringComparer.Ordinal);
}
