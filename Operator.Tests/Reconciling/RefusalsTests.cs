using System.Net;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Reconciling;

[TestFixture]
internal sealed class RefusalsTests
{
    [TestCase(HttpStatusCode.Forbidden, 30)]
    [TestCase(HttpStatusCode.BadRequest, 300)]
    [TestCase(HttpStatusCode.UnprocessableEntity, 300)]
    public void A_refusal_is_no_error_and_is_looked_at_again(HttpStatusCode status, int seconds)
    {
        var refusal = Failure(status, """{"kind":"Status","message":"exceeded quota: jobs"}""");

        var result = Refusals.ResultOf(new Model(), refusal);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal.IsRejection, Is.True);
            Assert.That((result.IsSuccess, result.Error, result.RequeueAfter!.Value), Is.EqualTo((false, (Exception?)null, TimeSpan.FromSeconds(seconds))));
            Assert.That(result.ErrorMessage, Is.EqualTo("exceeded quota: jobs"));
        }
    }

    [Test]
    public void What_is_gone_when_it_is_to_be_changed_is_decided_upon_anew_at_once()
    {
        var job = new V1Job { ApiVersion = "batch/v1", Kind = V1Job.KubeKind, Metadata = new V1ObjectMeta { Name = "fetch", NamespaceProperty = "team-a" } };
        var (patch, create) = (Failure(new DesiredAction.Patch(ObjectRef.Of(job), "{}"), HttpStatusCode.NotFound, ""), Failure(HttpStatusCode.NotFound, ""));

        var result = Refusals.Vanished(new Model(), patch);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((patch.HasVanished, create.HasVanished), Is.EqualTo((true, false)), "a namespace that is gone is another matter");
            Assert.That((result.IsSuccess, result.Error, result.RequeueAfter), Is.EqualTo((false, (Exception?)null, (TimeSpan?)TimeSpan.FromMilliseconds(100))));
        }
    }

    [TestCase(HttpStatusCode.Conflict)]
    [TestCase(HttpStatusCode.TooManyRequests)]
    [TestCase(HttpStatusCode.InternalServerError)]
    public void A_lost_race_and_a_server_in_trouble_are_no_refusals(HttpStatusCode status) =>
        Assert.That(Failure(status, "").IsRejection, Is.False);

    [TestCase("""{"message":"jobs is forbidden: unable to create new content in namespace team-a because it is being terminated"}""", true)]
    [TestCase("""{"details":{"causes":[{"reason":"NamespaceTerminating"}]}}""", true)]
    [TestCase("""{"message":"exceeded quota"}""", false)]
    public void A_namespace_on_its_way_out_is_recognised(string content, bool isSo) =>
        Assert.That(TerminatingNamespace.Refused(Failure(HttpStatusCode.Forbidden, content)), Is.EqualTo(isSo));

    private static ActionFailure Failure(HttpStatusCode status, string content) =>
        Failure(new DesiredAction.Create(new V1Job { Metadata = new V1ObjectMeta { Name = "fetch", NamespaceProperty = "team-a" } }), status, content);

    private static ActionFailure Failure(DesiredAction action, HttpStatusCode status, string content) => new(
        action,
        new HttpOperationException("no") { Response = new HttpResponseMessageWrapper(new HttpResponseMessage(status), content) });
}
