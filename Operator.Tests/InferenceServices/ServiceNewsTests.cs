using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Watches;
using Moq;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class ServiceNewsTests
{
    private readonly List<string> _woken = [];
    private Exception? _trouble;
    private ServiceNews _news = null!;

    [SetUp]
    public void Begin()
    {
        (_trouble, _news) = (null, new ServiceNews(Waker()));
        _woken.Clear();
    }

    [Test]
    public async Task A_model_hears_when_its_service_becomes_Ready_and_when_it_ceases_to_be()
    {
        foreach (var phase in new[] { "Creating", "WaitingForGPU", "Ready", "Ready", "Failed", "Creating" }) await TellAsync("tiny", phase);

        Assert.That(_woken, Is.EqualTo(new[] { "tiny", "tiny", "tiny" }), "of the first sight, of Ready, of Failed");
    }

    [Test]
    public async Task Both_models_hear_of_a_service_that_changes_over()
    {
        await TellAsync("tiny", "Ready");
        _woken.Clear();

        await TellAsync("other", "Ready");

        Assert.That(_woken, Is.EqualTo(new[] { "tiny", "other" }));
    }

    [Test]
    public async Task What_could_not_be_told_is_told_by_the_next_attempt()
    {
        await TellAsync("tiny", "Creating");
        _woken.Clear();
        _trouble = new InvalidOperationException("the queue is closed");
        await Assert.ThatAsync(() => TellAsync("tiny", "Ready"), Throws.InstanceOf<InvalidOperationException>());
        _trouble = null;

        await TellAsync("tiny", "Ready");

        Assert.That(_woken, Is.EqualTo(new[] { "tiny" }));
    }

    [Test]
    public async Task The_end_is_told()
    {
        await _news.TellOfEndAsync(A.Service(), CancellationToken.None);

        Assert.That(_woken, Is.EqualTo(new[] { "tiny" }));
    }

    private Task TellAsync(string model, string phase) =>
        _news.TellAsync(A.Service(with: s => s.ModelRef = model), new InferenceServiceStatus { Phase = phase }, CancellationToken.None);

    private ParentWaker Waker() => new(
        Mock.Of<IKubernetesClient>(),
        (_, _, _, _, _, _) => Task.FromResult(true),
        (model, _, _, _, _, _) =>
        {
            if (_trouble is { } trouble) return Task.FromException<bool>(trouble);
            _woken.Add(model.Metadata.Name);
            return Task.FromResult(true);
        });
}
