using System.Net;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Admission;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Deletion;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Subresources;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Routing;

/// <summary>What outlives a restart of the HTTP server: the objects and everything that works on them.</summary>
internal sealed class ClusterState
{
    public ClusterState(TimeProvider time, int history, IPNetwork serviceRange, Random random, IReadOnlyList<ApiToken> tokens)
    {
        Store = new ObjectStore(history);
        Registry = new ResourceRegistry();
        Context = new RuleContext(Store, Registry, new AddressPool(Store, serviceRange), time);
        Authorizer = new RbacAuthorizer(Store);
        Writer = new ObjectWriter(Context, new AdmissionChain(Store, new OwnerReferenceAdmission(Registry, Authorizer)), new NameGenerator(random));
        Deleter = new ObjectDeleter(Context, Writer);
        Logs = new PodLogs(Context);
        Cleanup = new DefinitionCleanup(Context, Writer, Deleter);
        Writer.Removed = WhenRemoved;
        Deleter.Marked = WhenMarked;
        AccountTokens = new ServiceAccountTokens(Store, time);
        Authenticator = new TokenAuthenticator(tokens, AccountTokens);
        Reviews = new ReviewHandler(Authorizer, Authenticator);
    }

    public ObjectStore Store { get; }

    public ResourceRegistry Registry { get; }

    public RuleContext Context { get; }

    public ObjectWriter Writer { get; }

    public ObjectDeleter Deleter { get; }

    public PodLogs Logs { get; }

    public DefinitionCleanup Cleanup { get; }

    public RbacAuthorizer Authorizer { get; }

    public TokenAuthenticator Authenticator { get; }

    public ServiceAccountTokens AccountTokens { get; }

    public ReviewHandler Reviews { get; }

    private void WhenRemoved(ResourceDefinition resource, JsonObject json)
    {
        if (resource is { Group: "", Plural: "pods" }) Logs.Forget(json.Uid);
        if (resource.IsCustom) Cleanup.Finish($"{resource.Plural}.{resource.Group}");
    }

    private void WhenMarked(ResourceDefinition resource, JsonObject json)
    {
        if (resource is { Group: "apiextensions.k8s.io" }) Cleanup.Begin(json.Name);
    }
}
