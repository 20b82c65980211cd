namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>One request of a behaviour and what must come back; without a code any success will do.</summary>
internal sealed record Step(string Method, string Path, string? Body = null)
{
    public string ContentType { get; init; } = "application/json";

    public string Accept { get; init; } = "application/json";

    public int? Code { get; init; }

    public IReadOnlyList<string> Fragments { get; init; } = [];

    public IReadOnlyList<(string Path, string? Value)> Values { get; init; } = [];

    public IReadOnlyList<string> WarningFragments { get; init; } = [];

    public Step Gives(int code, params string[] fragments) => this with { Code = code, Fragments = fragments };

    public Step Has(string path, string? value) => this with { Values = [.. Values, (path, value)] };

    public Step Lacks(string path) => Has(path, null);

    public Step Warns(string fragment) => this with { WarningFragments = [.. WarningFragments, fragment] };

    public async Task RunAsync(RawApi api)
    {
        var answer = await api.SendAsync(Method, Path, Body, ContentType, Accept);
        var told = $"{Method} {Path}\n{answer.Code} {answer.Text}";
        if (Code is { } code) Assert.That(answer.Code, Is.EqualTo(code), told);
        else Assert.That(answer.Code, Is.InRange(200, 299), told);
        foreach (var fragment in Fragments) Assert.That(Code >= 400 && answer.Json is { } json ? Answer.Value(json, "message") + "\n" + answer.Text : answer.Text, Does.Contain(api.Fill(fragment)), told);
        foreach (var (path, value) in Values) Assert.That(answer.At(api.Fill(path)), value is "*" ? Is.Not.Null : Is.EqualTo(value is null ? null : api.Fill(value)), $"{path}\n{told}");
        foreach (var fragment in WarningFragments) Assert.That(answer.Warnings, Does.Contain(fragment), told);
    }

    public static Step Post(string path, string body) => new("POST", path, body);

    public static Step Put(string path, string body) => new("PUT", path, body);

    public static Step Get(string path) => new("GET", path);

    public static Step Delete(string path, string? body = null) => new("DELETE", path, body);

    public static Step Merge(string path, string body) => new("PATCH", path, body) { ContentType = "application/merge-patch+json" };

    public static Step Json(string path, string body) => new("PATCH", path, body) { ContentType = "application/json-patch+json" };

    public static Step Strategic(string path, string body) => new("PATCH", path, body) { ContentType = "application/strategic-merge-patch+json" };

    public static Step Apply(string path, string manager, string body, string more = "") =>
        new("PATCH", $"{path}?fieldManager={manager}{more}", body) { ContentType = "application/apply-patch+yaml" };
}
