namespace LlmKube.Operator.Entities;

/// <summary>Labels on the objects that the operator makes, for selectors to name. A manifest sets none of them.</summary>
public static class Labels
{
    /// <summary>On every child, with the value true; each watch on a child type selects by it.</summary>
    public const string Managed = ApiGroup.Name + "/managed";

    /// <summary>The Model that a child belongs to.</summary>
    public const string Model = ApiGroup.Name + "/model";

    /// <summary>The InferenceService that a child belongs to.</summary>
    public const string Service = ApiGroup.Name + "/service";

    /// <summary>The program that serves: llamacpp.</summary>
    public const string Runtime = ApiGroup.Name + "/runtime";

    /// <summary>The cache key of the source that a fetch Job fetches.</summary>
    public const string CacheKey = ApiGroup.Name + "/cache-key";

    /// <summary>On every pod that mounts a claim which nodes don't share: the claim's name, shortened with a hash above 63 characters.</summary>
    public const string Cache = ApiGroup.Name + "/cache";

    /// <summary>What a Job is for: fetch, verify or remove.</summary>
    public const string Purpose = ApiGroup.Name + "/purpose";

    /// <summary>The name of the InferenceService, as the Go operator labels its pods.</summary>
    public const string App = "app";

    /// <summary>Kubernetes' recommended label for who manages an object.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";
}

/// <summary>How the operator's children are told from other objects.</summary>
public static class Managed
{
    /// <summary>The value of <see cref="Labels.Managed"/>.</summary>
    public const string Value = "true";

    /// <summary>Selects them.</summary>
    public const string Selector = Labels.Managed + "=" + Value;
}
