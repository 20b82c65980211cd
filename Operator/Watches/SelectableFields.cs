using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Watches;

/// <summary>
/// The fields by which Models and InferenceServices are listed, so that one of thousands finds its relations without a look at all of them. Our engine
/// answers from indexes of its stores. Another has to ask the API server, which can answer from Kubernetes 1.31 on, where <c>deploy/default</c> declares them
/// (<c>selectableFields</c>).
/// </summary>
internal static class SelectableFields
{
    /// <summary>Where a Model's weights come from.</summary>
    public const string Source = "spec.source";

    /// <summary>Which Model an InferenceService serves.</summary>
    public const string ModelRef = "spec.modelRef";

    // Known to our engine.
    private const string StoreFields = "store-fields";

    /// <summary>Selects the Models of a source, whatever files of it they want.</summary>
    public static string SourceIs(string source) => $"{Source}={Escaped(source)}";

    /// <summary>Selects the services of a Model.</summary>
    public static string ModelRefIs(string model) => $"{ModelRef}={Escaped(model)}";

    /// <summary>Tells the engine's stores what to index.</summary>
    public static void AddTo(IServiceCollection services)
    {
        Add<Model>(Source, m => m.Spec.Source);
        Add<InferenceService>(ModelRef, s => s.Spec.ModelRef);

        void Add<T>(string path, Func<T, string?> value)
            where T : IKubernetesObject<V1ObjectMeta> =>
            services.AddKeyedSingleton<IReadOnlyDictionary<string, Func<T, string?>>>(StoreFields, new Dictionary<string, Func<T, string?>> { [path] = value });
    }

    // As a field selector wants it.
    private static string Escaped(string value) => value.Replace("\\", "\\\\").Replace(",", "\\,").Replace("=", "\\=");
}
