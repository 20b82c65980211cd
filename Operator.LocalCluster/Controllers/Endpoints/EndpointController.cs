using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Endpoints;

/// <summary>Keeps Endpoints and EndpointSlices of Services with a selector.</summary>
internal sealed class EndpointController : Controller<ObjectKey>
{
    public const string Manager = "endpointslice-controller.k8s.io";
    private readonly WatchCache<V1Service> _services;
    private readonly WatchCache<V1Pod> _pods;
    private readonly WatchCache<V1Node> _nodes;
    private readonly WatchCache<V1EndpointSlice> _slices;
    private readonly WatchCache<V1Endpoints> _endpoints;

    // By namespace and one label: of a selector the first, of a pod each.
    private readonly CacheIndex<V1Service> _servicesByLabel;
    private readonly CacheIndex<V1Pod> _podsByLabel;
    private readonly CacheIndex<V1EndpointSlice> _slicesByService;

    public EndpointController(ClusterCaches caches)
        : base(caches, "Endpoints")
    {
        _services = caches.Of<V1Service>();
        _pods = caches.Of<V1Pod>();
        _nodes = caches.Of<V1Node>();
        _slices = caches.Of<V1EndpointSlice>();
        _endpoints = caches.Of<V1Endpoints>();
        _servicesByLabel = _services.AddIndex(s => FirstLabelOf(s) is { } label ? [label] : []);
        _podsByLabel = _pods.AddIndex(p => LabelsOf(p));
        _slicesByService = _slices.AddIndex(s => ServiceOf(s) is { } key ? [key.ToString()] : []);
        _services.Changed += (before, now) => Queue.Add(ObjectKey.Of(now ?? before!));
        _slices.Changed += (before, now) =>
        {
            if (ServiceOf(now ?? before!) is { } key) Queue.Add(key);
        };
        _pods.Changed += (before, now) =>
        {
            foreach (var service in LabelsOf(before).Union(LabelsOf(now)).SelectMany(label => _servicesByLabel[label]))
            {
                if (Selects(service, before) || Selects(service, now)) Queue.Add(ObjectKey.Of(service));
            }
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_services.Find(key) is not { } service || _services.IsDeleting(service))
        {
            // Slices have their Service as owner; Endpoints go with it by name.
            if (_services.Find(key) is null && _endpoints.Find(key) is { } left) await Api.DeleteAsync(_endpoints.Type, key, left.Metadata.Uid, cancellation);
            return;
        }

        if (service.Spec.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName") return;
        var pods = _podsByLabel[FirstLabelOf(service)].Where(p => Selects(service, p)).ToList();
        var wanted = EndpointBuilder.Slices(service, pods, _pods.IsDeleting, ZoneOf);
        foreach (var slice in wanted) await WriteAsync(slice, cancellation);
        foreach (var extra in _slicesByService[key.ToString()].Where(s => wanted.All(w => w.Metadata.Name != s.Metadata.Name)))
        {
            await Api.DeleteAsync(_slices.Type, ObjectKey.Of(extra), extra.Metadata.Uid, cancellation);
        }

        await WriteAsync(EndpointBuilder.Endpoints(service, pods, _pods.IsDeleting), cancellation);
    }

    private static ObjectKey? ServiceOf(V1EndpointSlice slice) =>
        slice.Label("endpointslice.kubernetes.io/managed-by") == Manager && slice.Label("kubernetes.io/service-name") is { } name
            ? new(slice.Metadata.NamespaceProperty, name)
            : null;

    private static string? FirstLabelOf(V1Service service) => service.Spec.Selector is { Count: > 0 } selector
        ? selector.Select(l => LabelKey(service.Metadata.NamespaceProperty, l)).Min(StringComparer.Ordinal)
        : null;

    private static IEnumerable<string> LabelsOf(V1Pod? pod) => pod?.Metadata.Labels?.Select(l => LabelKey(pod.Metadata.NamespaceProperty, l)) ?? [];

    private static string LabelKey(string ns, KeyValuePair<string, string> label) => $"{ns}/{label.Key}={label.Value}";

    private static bool Selects(V1Service service, V1Pod? pod) =>
        pod is not null && service.Spec.Selector is { Count: > 0 } selector && selector.All(l => pod.Label(l.Key) == l.Value);

    private string? ZoneOf(string? node) => node is null ? null : _nodes.Find(null, node)?.Label("topology.kubernetes.io/zone");

    private async Task WriteAsync(V1EndpointSlice slice, CancellationToken cancellation)
    {
        if (_slices.Find(ObjectKey.Of(slice)) is not { } known)
        {
            _slices.Observe(await Api.CreateAsync(slice, cancellation));
            return;
        }

        if (Objects.SameJson(slice.Endpoints, known.Endpoints)
            && Objects.SameJson(slice.Ports, known.Ports) && Objects.SameJson(slice.Metadata.Labels, known.Metadata.Labels)) return;
        slice.Metadata.ResourceVersion = known.Metadata.ResourceVersion;
        slice.Metadata.Uid = known.Metadata.Uid;
        _slices.Observe(await Api.ReplaceAsync(slice, cancellation));
    }

    private async Task WriteAsync(V1Endpoints endpoints, CancellationToken cancellation)
    {
        if (_endpoints.Find(ObjectKey.Of(endpoints)) is not { } known)
        {
            _endpoints.Observe(await Api.CreateAsync(endpoints, cancellation));
            return;
        }

        if (Objects.SameJson(endpoints.Subsets, known.Subsets)) return;
        endpoints.Metadata.ResourceVersion = known.Metadata.ResourceVersion;
        _endpoints.Observe(await Api.ReplaceAsync(endpoints, cancellation));
    }
}
