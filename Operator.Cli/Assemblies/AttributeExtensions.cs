using System.Reflection;

namespace LlmKube.Operator.Cli.Assemblies;

/// <summary>Finds attributes by full name, since a type of metadata never equals a type that is loaded.</summary>
internal static class AttributeExtensions
{
    private const string Schema = "KubeOps.Abstractions.Entities.Attributes.";

    public static IEnumerable<AttributeView> All(this MemberInfo member, string fullName) =>
        member.GetCustomAttributesData().Where(a => a.AttributeType.FullName == fullName).Select(a => new AttributeView(a));

    public static AttributeView? One(this MemberInfo member, string fullName) => member.All(fullName).FirstOrDefault();

    public static bool Has(this MemberInfo member, string fullName) => member.All(fullName).Any();

    /// <summary>One of KubeOps' schema attributes, by its short name.</summary>
    public static AttributeView? SchemaAttribute(this MemberInfo member, string name) => member.One($"{Schema}{name}Attribute");

    public static IEnumerable<AttributeView> SchemaAttributes(this MemberInfo member, string name) => member.All($"{Schema}{name}Attribute");
}
