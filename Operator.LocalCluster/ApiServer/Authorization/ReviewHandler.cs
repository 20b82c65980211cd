using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>Answers the questions who a token stands for and who may do what.</summary>
internal sealed class ReviewHandler(RbacAuthorizer authorizer, TokenAuthenticator authenticator)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var review = await request.ReadObjectAsync() as JsonObject ?? throw ApiException.BadRequest("the body must be an object");
        review = review.Copy();
        review["apiVersion"] = request.Resource.ApiVersion;
        review["kind"] = request.Resource.Kind;
        review.Ensure("metadata");
        var spec = review.Ensure("spec");
        review["status"] = request.Resource.Kind switch
        {
            "TokenReview" => Token(spec.Text("token") ?? "", spec.Texts("audiences")),
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = Info(request.User) },
            "SelfSubjectAccessReview" => Access(request.User, spec),
            "SelfSubjectRulesReview" => Rules(request.User, spec.Text("namespace") ?? ""),
            _ => Access(Subject(spec), spec),
        };
        await ResponseWriter.JsonAsync(request.Http, review, 201, request.Form.Yaml);
    }

    private JsonObject Token(string token, IReadOnlyList<string> audiences)
    {
        if (token.Length == 0) throw ApiException.BadRequest("token is required for TokenReview in authentication");
        if (authenticator.Find(token, audiences.Count == 0 ? [TokenAuthenticator.OwnAudience] : audiences) is not { } found) return new JsonObject { ["user"] = new JsonObject() };
        var status = new JsonObject { ["authenticated"] = true, ["user"] = Info(found.User) };
        if (audiences.Count > 0) status["audiences"] = ApiObject.List(found.Audiences.Select(a => (JsonNode?)a));
        return status;
    }

    private JsonObject Access(User user, JsonObject spec)
    {
        var wanted = (spec["resourceAttributes"], spec["nonResourceAttributes"]) switch
        {
            (JsonObject r, null) => new AccessRequest(
                r.Text("verb") ?? "", r.Text("group") ?? "", r.Text("resource") ?? "", r.Text("subresource") ?? "", r.Text("namespace") ?? "", r.Text("name") ?? "", null),
            (null, JsonObject n) => new AccessRequest(n.Text("verb") ?? "", "", "", "", "", "", n.Text("path") ?? ""),
            _ => throw ApiException.BadRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified"),
        };
        return new JsonObject { ["allowed"] = authorizer.IsAllowed(user, wanted) };
    }

    private JsonObject Rules(User user, string @namespace)
    {
        var rules = user.Groups.Contains(User.Masters)
            ? [Everything("apiGroups", "resources"), Everything("nonResourceURLs")]
            : authorizer.RulesOf(user, @namespace).Select(r => r.Copy()).ToList();
        return new JsonObject
        {
            ["resourceRules"] = ApiObject.List(rules.Where(r => r["resources"] is not null)),
            ["nonResourceRules"] = ApiObject.List(rules.Where(r => r["nonResourceURLs"] is not null)),
            ["incomplete"] = false,
        };
    }

    private static JsonObject Everything(params string[] fields)
    {
        var rule = new JsonObject { ["verbs"] = new JsonArray("*") };
        foreach (var field in fields) rule[field] = new JsonArray("*");
        return rule;
    }

    private static User Subject(JsonObject spec)
    {
        var (name, groups) = (spec.Text("user") ?? "", spec.Texts("groups"));
        if (name.Length == 0 && groups.Count == 0) throw ApiException.BadRequest("at least one of user or group must be specified");
        return new(name, groups, spec.Text("uid") ?? "");
    }

    private static JsonObject Info(User user)
    {
        var json = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0) json["uid"] = user.Uid;
        json["groups"] = ApiObject.List(user.Groups.Select(g => (JsonNode?)g));
        return json;
    }
}
