using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.ServiceAccounts;

/// <summary>Gives every namespace its service account <c>default</c>.</summary>
internal sealed class ServiceAccountController : Controller<ObjectKey>
{
    private const string Name = "default";
    private readonly WatchCache<V1Namespace> _namespaces;
    private readonly WatchCache<V1ServiceAccount> _accounts;

    public ServiceAccountController(ClusterCaches caches)
        : base(caches, "ServiceAccounts")
    {
        _namespaces = caches.Of<V1Namespace>();
        _accounts = caches.Of<V1ServiceAccount>();
        _namespaces.Changed += (_, now) =>
        {
            if (now is not null) Queue.Add(ObjectKey.Of(now));
        };
        _accounts.Changed += (before, now) =>
        {
            if (now is null && before!.Metadata.Name == Name) Queue.Add(new("", before.Metadata.NamespaceProperty));
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_namespaces.Find(key) is not { Metadata.DeletionTimestamp: null } || _accounts.Find(key.Name, Name) is not null) return;
        try
        {
            _accounts.Observe(await Api.CreateAsync(new V1ServiceAccount { Metadata = new() { Name = Name, NamespaceProperty = key.Name } }, cancellation));
        }
        catch (HttpOperationException e) when (e.IsAlreadyExists())
        {
        }
    }
}
