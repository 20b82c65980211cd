namespace LlmKube.Operator.LocalCluster.ApiServer.Errors;

/// <summary>A resource without its version, as messages name it: "deployments.apps".</summary>
internal readonly record struct GroupResource(string Group, string Resource)
{
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}
