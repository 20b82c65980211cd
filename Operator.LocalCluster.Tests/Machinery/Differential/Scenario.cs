using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>One request of a scenario.</summary>
/// <param name="Verb">create, update, apply, merge, json, strategic or get.</param>
/// <param name="Manager">The field manager.</param>
/// <param name="Body">The object or patch; an update's body is a merge patch onto what the server holds.</param>
/// <param name="Subresource">status, or null for the object itself.</param>
/// <param name="Force">An apply takes over what others own.</param>
/// <param name="Strict">Unknown fields are refused.</param>
public sealed record Step(string Verb, string Manager, JsonNode Body, string? Subresource = null, bool Force = false, bool Strict = false);

/// <summary>What a server made of a request.</summary>
/// <param name="Code">The HTTP status code; 200 stands for 201 too.</param>
/// <param name="Document">The object, without what differs from server to server; null on failure.</param>
/// <param name="Errors">A failure's causes, or its message where it names none; in ordinal order.</param>
/// <param name="Wrote">Whether the object changed.</param>
public sealed record Answer(int Code, JsonNode? Document, IReadOnlyList<string> Errors, bool Wrote);

/// <summary>Requests to one object, in order.</summary>
public sealed record Scenario(string Name, string Kind, IReadOnlyList<Step> Steps)
{
    /// <summary>The first so many steps.</summary>
    public Scenario Shortened(int steps) => this with { Steps = [.. Steps.Take(steps)] };
}

/// <summary>A scenario with the real server's answers.</summary>
public sealed record RecordedScenario(Scenario Scenario, IReadOnlyList<Answer> Answers)
{
    public override string ToString() => Scenario.Name;
}
