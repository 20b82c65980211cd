using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>Gives a service account a token, as kubelets and <c>kubectl create token</c> ask for.</summary>
internal sealed class TokenRequestHandler(ServiceAccountTokens tokens, RuleContext context)
{
    private const long LeastSeconds = 600, MostSeconds = 1L << 32, UsualSeconds = 3600;

    public async Task HandleAsync(ApiRequest request)
    {
        var answer = await request.ReadObjectAsync() as JsonObject ?? throw ApiException.BadRequest("expected a TokenRequest");
        answer = answer.Copy();
        answer["apiVersion"] = "authentication.k8s.io/v1";
        answer["kind"] = "TokenRequest";
        var spec = answer.Ensure("spec");
        var seconds = Seconds(spec, request.Name);
        var key = StoredObject.KeyOf(request.Namespace, request.Name);
        var account = context.Store.Find(request.Resource.Table, key)?.Json ?? throw ApiException.NotFound(request.Resource.GroupResource, request.Name);
        if (answer.Name.Length > 0 && answer.Name != request.Name) throw ApiException.BadRequest($"the name of the object ({answer.Name}) does not match the name on the URL ({request.Name})");
        if (answer.Namespace.Length > 0 && answer.Namespace != request.Namespace) throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        answer["metadata"] = new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace, ["creationTimestamp"] = Timestamps.Now(context.Time) };
        if (spec.Texts("audiences").Count == 0) spec["audiences"] = new JsonArray(TokenAuthenticator.OwnAudience);
        spec["expirationSeconds"] = seconds;
        var bound = spec["boundObjectRef"] is JsonObject reference ? Bound(reference, request) : null;
        answer.Remove("status");
        if (!request.DryRun)
        {
            var expires = context.Time.GetUtcNow().AddSeconds(seconds);
            var token = tokens.Issue(new(request.Resource.Table, request.Namespace, request.Name, account.Uid), bound, spec.Texts("audiences"), expires);
            answer["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = Timestamps.Format(expires) };
        }

        await ResponseWriter.JsonAsync(request.Http, answer, 201, request.Form.Yaml);
    }

    private static long Seconds(JsonObject spec, string name)
    {
        if (spec["expirationSeconds"] is null) return UsualSeconds;
        return spec.Number("expirationSeconds") switch
        {
            null => throw ApiException.BadRequest("spec.expirationSeconds must be a whole number"),
            < LeastSeconds and var few => throw Refused(few, "may not specify a duration less than 10 minutes"),
            > MostSeconds and var many => throw Refused(many, "may not specify a duration larger than 2^32 seconds"),
            var seconds => seconds.Value,
        };

        ApiException Refused(long value, string why) => ApiException.Invalid("TokenRequest", "authentication.k8s.io", name, new Cause("FieldValueInvalid", "spec.expirationSeconds", $"Invalid value: {value}: {why}"));
    }

    private ServiceAccountTokens.Holder Bound(JsonObject reference, ApiRequest request)
    {
        var (kind, name) = (reference.Text("kind") ?? "", reference.Text("name") ?? "");
        var (table, ns) = (reference.Text("apiVersion"), kind) switch
        {
            ("v1", "Pod") => ("/pods", request.Namespace),
            ("v1", "Secret") => ("/secrets", request.Namespace),
            ("v1", "Node") => ("/nodes", ""),
            var (version, _) => throw ApiException.BadRequest($"cannot bind token to object of type {version}, Kind={kind}"),
        };
        var found = context.Store.Find(table, StoredObject.KeyOf(ns, name))?.Json ?? throw ApiException.NotFound(new("", table[1..]), name);
        if (reference.Text("uid") is { Length: > 0 } uid && uid != found.Uid)
        {
            throw ApiException.Conflict(new("", kind), name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        if (kind is "Pod" && (found.Text("spec", "serviceAccountName") ?? "default") != request.Name)
        {
            throw ApiException.BadRequest($"cannot bind token for serviceaccount \"{request.Name}\" to pod running with different serviceaccount name.");
        }

        return new(table, ns, name, found.Uid);
    }
}
