namespace LlmKube.Operator.Engine.Tests.Generator;

/// <summary>An operator in few lines: two kinds, a controller for each, watches on pods, two finalizers.</summary>
internal static class SampleSources
{
    public const string Usings =
        """
        using System.Threading;
        using System.Threading.Tasks;
        using k8s.Models;
        using KubeOps.Abstractions.Entities;
        using KubeOps.Abstractions.Reconciliation;
        using KubeOps.Abstractions.Reconciliation.Controller;
        using KubeOps.Abstractions.Reconciliation.Finalizer;

        """;

    public const string Entities = Usings +
        """
        namespace Farm;

        public sealed class BarnSpec { public int Doors { get; set; } }
        public sealed class BarnStatus { public string? Phase { get; set; } }

        [KubernetesEntity(Group = "farm.dev", ApiVersion = "v1alpha1", Kind = "Barn", PluralName = "barns")]
        public partial class Barn : CustomKubernetesEntity<BarnSpec, BarnStatus> { }

        [KubernetesEntity(Group = "farm.dev", ApiVersion = "v1", Kind = "Cow")]
        public class Cow : CustomKubernetesEntity { }
        """;

    public static readonly string Controllers = Usings +
        $$"""
        namespace Farm;

        {{Controller("BarnController", "Barn")}}
        {{Controller("CowController", "Cow", "[FieldSelector(typeof(Named))]")}}
        {{Controller("PodWatch", "V1Pod", "[LabelSelector(typeof(Managed))]")}}

        public sealed class Managed : IEntityLabelSelector<V1Pod>
        {
            public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("farm.dev/managed=true");
        }

        public sealed class Named : IEntityFieldSelector<Cow>
        {
            public ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken) => new("metadata.name=berta");
        }
        """;

    public static readonly string Finalizers = Usings +
        $$"""
        namespace Farm;

        {{Finalizer("BarnFinalizer", "Barn")}}
        {{Finalizer("SweepYard", "Barn")}}
        """;

    public static string Controller(string name, string entity, string attributes = "") =>
        $$"""
        {{attributes}}
        public class {{name}} : IEntityController<{{entity}}>
        {
            public Task<ReconciliationResult<{{entity}}>> ReconcileAsync({{entity}} entity, CancellationToken cancellationToken)
                => Task.FromResult(ReconciliationResult<{{entity}}>.Success(entity));
            public Task<ReconciliationResult<{{entity}}>> DeletedAsync({{entity}} entity, CancellationToken cancellationToken)
                => Task.FromResult(ReconciliationResult<{{entity}}>.Success(entity));
        }
        """;

    public static string Finalizer(string name, string entity) =>
        $$"""
        public class {{name}} : IEntityFinalizer<{{entity}}>
        {
            public Task<ReconciliationResult<{{entity}}>> FinalizeAsync({{entity}} entity, CancellationToken cancellationToken)
                => Task.FromResult(ReconciliationResult<{{entity}}>.Success(entity));
        }
        """;
}
