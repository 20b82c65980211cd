using System.Net;
using k8s.Autorest;
using LlmKube.Operator.Plugin;

namespace LlmKube.Operator.Tests.Plugin;

[Parallelizable(ParallelScope.All)]
public sealed class PluginFailureTests
{
    [TestCase(HttpStatusCode.Forbidden, "you lack a right: pods is forbidden: User \"dev\" cannot list resource \"pods\" in API group \"\" in the namespace \"team\"")]
    [TestCase(HttpStatusCode.Unauthorized, "the cluster does not take your credentials: log in anew, or name another --context")]
    [TestCase(HttpStatusCode.NotFound, "the cluster does not know Models and InferenceServices: their definitions are not installed (kubectl apply -k .)")]
    [TestCase(HttpStatusCode.TooManyRequests, "the cluster refused: pods is forbidden: ")]
    public void What_the_API_server_refuses_is_told_with_what_to_do(HttpStatusCode status, string says)
    {
        const string Words = """{"message":"pods is forbidden: User \"dev\" cannot list resource \"pods\" in API group \"\" in the namespace \"team\""}""";
        using var response = new HttpResponseMessage(status);
        var failure = new HttpOperationException { Response = new HttpResponseMessageWrapper(response, Words) };

        Assert.That(PluginFailure.Of(failure)?.Message, Does.StartWith(says));
    }

    [Test]
    public void A_fault_of_the_program_is_none() => Assert.That(PluginFailure.Of(new InvalidOperationException()), Is.Null);
}
