namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>The columns of built-in kinds after the name, as kubectl get prints them.</summary>
internal static class BuiltInColumns
{
    public static IEnumerable<TableColumn> Of(string group, string kind)
    {
        _ = (group, kind);
        return [TableColumns.Age];
    }
}
