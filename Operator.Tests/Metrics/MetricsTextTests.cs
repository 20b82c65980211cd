using System.Text;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Tests.InferenceServices;
using Prometheus;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What Prometheus sees: names, labels and buckets are a promise to dashboards and alerts.</summary>
public sealed class MetricsTextTests
{
    [Test]
    public async Task What_is_recorded_looks_like_this()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var metrics = new OperatorMetrics(registry);

        metrics.ModelDownloaded("team", "tiny", SourceType.Remote, TimeSpan.FromSeconds(3));
        metrics.ServiceBecameReady("team", "chat", TimeSpan.FromSeconds(42));
        metrics.GpuWaitEnded("team", "chat", TimeSpan.FromSeconds(61));
        metrics.Reconciled(Controllers.Model, succeeded: true, TimeSpan.FromMilliseconds(20));
        metrics.Reconciled(Controllers.InferenceService, succeeded: false, TimeSpan.FromMilliseconds(20));

        Golden.Match("Metrics/recorded.txt", await TextOf(registry));
    }

    [Test]
    public async Task The_states_look_like_this()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var service = A.Service();
        service.Status = new InferenceServiceStatus { Phase = InferenceServicePhases.WaitingForGPU };

        StateMetrics.Fill(Prometheus.Metrics.WithCustomRegistry(registry), [A.Model()], [service, A.Service("new")], GpuQueue.Of([A.Unschedulable("a"), A.Unschedulable("b")]));

        Golden.Match("Metrics/states.txt", await TextOf(registry));
    }

    [Test]
    public async Task An_object_that_goes_takes_its_series_with_it()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var metrics = new OperatorMetrics(registry);
        var before = await TextOf(registry);

        metrics.ModelDownloaded("team", "tiny", SourceType.Local, TimeSpan.FromSeconds(3));
        metrics.ServiceBecameReady("team", "chat", TimeSpan.FromSeconds(42));
        metrics.GpuWaitEnded("team", "chat", TimeSpan.FromSeconds(61));
        Assert.That(await TextOf(registry), Is.Not.EqualTo(before));

        metrics.ForgetModel("team", "tiny");
        metrics.ForgetService("team", "chat");
        Assert.That(await TextOf(registry), Is.EqualTo(before));
    }

    private static async Task<string> TextOf(CollectorRegistry registry)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text);
        return Encoding.UTF8.GetString(text.ToArray()).ReplaceLineEndings("\n");
    }
}
