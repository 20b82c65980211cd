using k8s;
using k8s.Models;

namespace LlmKube.Operator.Tests.Access;

/// <summary>One verb on one resource that a role gives to whom it is bound.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Group">The API group.</param>
/// <param name="Resource">The plural, with a subresource after a slash.</param>
/// <param name="Namespace">Where; empty: everywhere.</param>
/// <param name="Name">On which object; empty: on all.</param>
internal sealed record GrantedRight(string Verb, string Group, string Resource, string Namespace, string Name)
{
    /// <summary>All that a service account has been given by roles that name it, and not what everybody has.</summary>
    public static async Task<IReadOnlyList<GrantedRight>> OfAccountAsync(Kubernetes client, string @namespace, string name)
    {
        var rbac = client.RbacAuthorizationV1;
        var granted = new List<GrantedRight>();
        foreach (var binding in (await rbac.ListClusterRoleBindingAsync()).Items.Where(b => IsOf(b.Subjects)))
        {
            granted.AddRange(Of((await rbac.ReadClusterRoleAsync(binding.RoleRef.Name)).Rules, ""));
        }

        foreach (var binding in (await rbac.ListRoleBindingForAllNamespacesAsync()).Items.Where(b => IsOf(b.Subjects)))
        {
            Assert.That(binding.RoleRef.Kind, Is.EqualTo(V1Role.KubeKind));
            granted.AddRange(Of((await rbac.ReadNamespacedRoleAsync(binding.RoleRef.Name, binding.Metadata.NamespaceProperty)).Rules, binding.Metadata.NamespaceProperty));
        }

        return granted;

        bool IsOf(IList<Rbacv1Subject>? subjects) => subjects?.Any(s => s.Kind == "ServiceAccount" && s.NamespaceProperty == @namespace && s.Name == name) == true;
    }

    /// <summary>The rules of a role, taken apart.</summary>
    public static IEnumerable<GrantedRight> Of(IEnumerable<V1PolicyRule> rules, string @namespace) =>
        from rule in rules
        from verb in rule.Verbs
        from resource in (rule.ApiGroups ?? []).SelectMany(g => rule.Resources.Select(r => (Group: g, Plural: r))).Concat((rule.NonResourceURLs ?? []).Select(u => (Group: "", Plural: u)))
        from name in rule.ResourceNames is { Count: > 0 } names ? names : [""]
        select new GrantedRight(verb, resource.Group, resource.Plural, @namespace, name);

    /// <summary>True if it is enough for what is needed.</summary>
    public bool Covers(NeededRight needed) =>
        (Verb, Group, Resource) == (needed.Verb, needed.Group, needed.Resource)
        && (Namespace.Length == 0 || Namespace == needed.Namespace)
        && (Name.Length == 0 || Name == needed.Name);
}
