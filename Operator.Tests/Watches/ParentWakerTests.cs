using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Tests.Models;
using LlmKube.Operator.Watches;
using Moq;

namespace LlmKube.Operator.Tests.Watches;

/// <summary>Who is woken by what, and how many objects are looked at for it.</summary>
[TestFixture]
internal sealed class ParentWakerTests
{
    private static readonly Model[] Models =
    [
        Leaving(Seen.Model("leaving")), Seen.Model("waiting"), Seen.Model("other", Situations.Other), Leaving(Seen.Model("other-leaving", Situations.Other)), Leaving(Seen.Model("bystander", "https://models.example/third.gguf")),
    ];

    private readonly List<string> _woken = [];
    private int _looks;

    [SetUp]
    public void Begin()
    {
        _woken.Clear();
        _looks = 0;
    }

    [TestCase("leaving", 2, TestName = "While_its_Model_is_there_a_removal_concerns_the_Models_of_its_source_alone")]
    [TestCase("gone", 5, TestName = "A_removal_whose_Model_is_gone_is_found_by_its_key")]
    [TestCase("other", 5, TestName = "So_is_one_whose_Model_has_another_source_by_now")]
    public async Task A_removal_wakes_who_waits_for_its_end(string owner, int looks)
    {
        var removal = Seen.Of(Seen.Model(owner)).WithRemoval().Job!;

        await Waker().WakeModelsOfRemovalAsync(removal, CancellationToken.None);

        Assert.That(_woken, Is.EqualTo(["leaving", "waiting"]));
        Assert.That(_looks, Is.EqualTo(looks));
    }

    [TestCase("leaving", Seen.Source, "leaving", TestName = "A_pod_that_is_gone_wakes_the_leaving_Models_of_its_source")]
    [TestCase("other", Situations.Other, "other-leaving", TestName = "Also_those_that_are_not_its_Model")]
    [TestCase("other", null, "other-leaving", TestName = "Of_a_pod_that_does_not_say_what_it_serves_it_is_its_Models")]
    [TestCase("other", Seen.Source, "leaving other-leaving bystander", TestName = "One_whose_Model_has_another_source_by_now_wakes_all")]
    public async Task A_pod_that_is_gone_wakes_whom_it_may_have_held(string model, string? serves, string woken)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "chat-1", NamespaceProperty = Seen.Namespace, Labels = new Dictionary<string, string> { [Labels.Model] = ServiceNames.Child(model) } },
            Spec = new V1PodSpec { Containers = [new V1Container { Args = serves is null ? null : ["--model", $"/models/{CacheKey.Of(serves)}/model.gguf"] }] },
        };

        await Waker().WakeLeavingModelsOfAsync(pod, CancellationToken.None);

        Assert.That(string.Join(' ', _woken), Is.EqualTo(woken));
    }

    private ParentWaker Waker()
    {
        var client = new Mock<IKubernetesClient>();
        client.Setup(c => c.GetAsync<Model>(It.IsAny<string>(), Seen.Namespace, It.IsAny<CancellationToken>()))
            .ReturnsAsync((string name, string _, CancellationToken _) => Models.FirstOrDefault(m => m.Metadata.Name == name));
        client.Setup(c => c.ListAsync<Model>(Seen.Namespace, null, It.IsAny<string?>(), It.IsAny<CancellationToken>())).ReturnsAsync((string _, string _, string? fields, CancellationToken _) =>
        {
            List<Model> found = [.. Models.Where(m => fields is null || fields == SelectableFields.SourceIs(m.Spec.Source))];
            _looks += found.Count;
            return found;
        });
        return new ParentWaker(
            client.Object,
            (_, _, _, _, _, _) => Task.FromResult(true),
            (model, _, _, _, _, _) =>
            {
                _woken.Add(model.Metadata.Name);
                return Task.FromResult(true);
            });
    }

    private static Model Leaving(Model model)
    {
        model.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime;
        return model;
    }
}
