using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>What rules may ask beside the object: the other objects, the resources, the clock.</summary>
internal sealed record RuleContext(ObjectStore Store, ResourceRegistry Registry, AddressPool Addresses, TimeProvider Time);
