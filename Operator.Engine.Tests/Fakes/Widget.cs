using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>The kind that tests reconcile.</summary>
[KubernetesEntity(Group = "test.llmkube.dev", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
internal sealed class Widget : CustomKubernetesEntity<Widget.WidgetSpec, Widget.WidgetStatus>
{
    public static JsonObject Json(string name, int size = 1, params string[] finalizers) => new()
    {
        ["apiVersion"] = "test.llmkube.dev/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["labels"] = new JsonObject { ["size"] = $"s{size}" },
            ["finalizers"] = finalizers.Length == 0 ? null : new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]),
        },
        ["spec"] = new JsonObject { ["size"] = size },
    };

    internal sealed class WidgetSpec
    {
        public int Size { get; set; }
    }

    internal sealed class WidgetStatus
    {
        public int Seen { get; set; }

        public DateTime? SeenAt { get; set; }
    }
}

/// <summary>What a test's controller does, and what it was asked.</summary>
internal sealed class Script
{
    public ConcurrentQueue<Widget> Reconciled { get; } = [];

    public ConcurrentQueue<Widget> Deleted { get; } = [];

    public ConcurrentQueue<(string Finalizer, Widget Widget)> Finalized { get; } = [];

    public Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> OnReconcile { get; set; } =
        (widget, _) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

    public Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> OnDeleted { get; set; } =
        (widget, _) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

    public Func<string, Widget, Task<ReconciliationResult<Widget>>> OnFinalize { get; set; } =
        (_, widget) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

    public int Runs(string name) => Reconciled.Count(widget => widget.Metadata.Name == name);
}

internal sealed class WidgetController(Script script) : IEntityController<Widget>
{
    public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Reconciled.Enqueue(entity);
        return script.OnReconcile(entity, cancellationToken);
    }

    public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Deleted.Enqueue(entity);
        return script.OnDeleted(entity, cancellationToken);
    }
}

internal sealed class FirstFinalizer(Script script) : IEntityFinalizer<Widget>
{
    public const string Id = "test.llmkube.dev/firstfinalizer";

    public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Finalized.Enqueue(("first", entity));
        return script.OnFinalize("first", entity);
    }
}

internal sealed class SecondFinalizer(Script script) : IEntityFinalizer<Widget>
{
    public const string Id = "test.llmkube.dev/secondfinalizer";

    public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Finalized.Enqueue(("second", entity));
        return script.OnFinalize("second", entity);
    }
}
