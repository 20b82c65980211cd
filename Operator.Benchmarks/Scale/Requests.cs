namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Requests of an operator, by verb and resource, and whom they are for.</summary>
internal static class Requests
{
    private static readonly string[] s_writes = ["create", "update", "patch", "delete", "deletecollection"];
    private static readonly string[] s_ofModels = ["models", "models/status", "jobs", "persistentvolumeclaims"];
    private static readonly string[] s_ofServices = ["inferenceservices", "inferenceservices/status", "deployments", "services", "poddisruptionbudgets"];

    /// <summary>Writes, but for Events and the Lease.</summary>
    public static double Writes(this IReadOnlyDictionary<(string Verb, string Resource), double> requests) =>
        requests.Where(r => s_writes.Contains(r.Key.Verb) && r.Key.Resource is not ("events" or "leases")).Sum(r => r.Value);

    /// <summary>Writes for Models: to themselves, their Jobs and claims.</summary>
    public static double WritesForModels(this IReadOnlyDictionary<(string Verb, string Resource), double> requests) =>
        requests.Where(r => s_writes.Contains(r.Key.Verb) && s_ofModels.Contains(r.Key.Resource)).Sum(r => r.Value);

    /// <summary>Writes for InferenceServices: to themselves and their children.</summary>
    public static double WritesForServices(this IReadOnlyDictionary<(string Verb, string Resource), double> requests) =>
        requests.Where(r => s_writes.Contains(r.Key.Verb) && s_ofServices.Contains(r.Key.Resource)).Sum(r => r.Value);
}
