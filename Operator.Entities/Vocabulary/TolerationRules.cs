namespace LlmKube.Operator.Entities;

/// <summary>What holds for every list of tolerations, in CEL and in words.</summary>
internal static class TolerationRules
{
    public const string ExistsHasNoValue = "self.all(t, !has(t.operator) || t.operator != 'Exists' || !has(t.value) || t.value == '')";

    public const string ExistsHasNoValueWords = "a toleration with operator Exists has no value";

    public const string NoKeyNeedsExists = "self.all(t, (has(t.key) && t.key != '') || (has(t.operator) && t.operator == 'Exists'))";

    public const string NoKeyNeedsExistsWords = "a toleration without key needs the operator Exists";
}
