using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Watches;
using Moq;

namespace LlmKube.Operator.Tests.Models;

[TestFixture]
internal sealed class ModelNewsTests
{
    private readonly List<string> _woken = [];
    private Exception? _trouble;
    private ModelNews _news = null!;

    [SetUp]
    public void Begin()
    {
        (_trouble, _news) = (null, new ModelNews(Waker()));
        _woken.Clear();
    }

    [Test]
    public async Task Services_hear_of_each_version_of_their_model_once()
    {
        await TellAsync("1");
        await TellAsync("1");
        await TellAsync("2");

        Assert.That(_woken, Is.EqualTo(["chat", "chat"]));
    }

    [Test]
    public async Task What_could_not_be_told_is_told_by_the_next_attempt()
    {
        _trouble = new HttpRequestException("the API server is away");
        await Assert.ThatAsync(() => TellAsync("1"), Throws.InstanceOf<HttpRequestException>());
        _trouble = null;

        await TellAsync("1");

        Assert.That(_woken, Is.EqualTo(["chat"]));
    }

    [Test]
    public async Task The_end_is_told_whatever_was_told_before()
    {
        await TellAsync("1");
        _woken.Clear();

        await _news.TellOfEndAsync(ModelOf("1"), CancellationToken.None);

        Assert.That(_woken, Is.EqualTo(["chat"]));
    }

    private Task TellAsync(string version) => _news.TellAsync(ModelOf(version), CancellationToken.None);

    private static Model ModelOf(string version)
    {
        var model = Seen.Model();
        model.Metadata.ResourceVersion = version;
        return model;
    }

    private ParentWaker Waker()
    {
        var client = new Mock<IKubernetesClient>();
        client.Setup(c => c.ListAsync<InferenceService>(Seen.Namespace, null, SelectableFields.ModelRefIs(Seen.Model().Metadata.Name), It.IsAny<CancellationToken>()))
            .Returns(() => _trouble is { } trouble
                ? Task.FromException<IList<InferenceService>>(trouble)
                : Task.FromResult<IList<InferenceService>>([Seen.Service("chat")]));
        return new ParentWaker(
            client.Object,
            (service, _, _, _, _, _) =>
            {
                _woken.Add(service.Metadata.Name);
                return Task.FromResult(true);
            },
            (_, _, _, _, _, _) => Task.FromResult(true));
    }
}
