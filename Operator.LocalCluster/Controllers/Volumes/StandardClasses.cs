using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Volumes;

/// <summary>Creates the storage classes that a development cluster starts with; one deleted later stays deleted.</summary>
internal sealed class StandardClasses : Controller<string>
{
    private const string Provisioner = "llmkube.dev/node-folder";
    private readonly WatchCache<V1StorageClass> _classes;

    public StandardClasses(ClusterCaches caches)
        : base(caches, "StorageClasses")
    {
        _classes = caches.Of<V1StorageClass>();
        Queue.Add("standard");
        Queue.Add("shared");
    }

    protected override async Task ReconcileAsync(string name, CancellationToken cancellation)
    {
        if (_classes.Find(null, name) is not null) return;
        var standard = name == "standard";
        _classes.Observe(await Api.CreateAsync(
            new V1StorageClass
            {
                Metadata = new()
                {
                    Name = name,
                    Annotations = standard ? new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" } : null,
                },
                Provisioner = Provisioner,
                ReclaimPolicy = "Delete",
                VolumeBindingMode = standard ? "WaitForFirstConsumer" : "Immediate",
            },
            cancellation));
    }
}
