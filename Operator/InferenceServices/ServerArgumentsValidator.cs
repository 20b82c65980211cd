using System.Text.RegularExpressions;
using k8s.Models;
using LlmKube.Operator.Entities;
using static LlmKube.Operator.InferenceServices.FieldChecks;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The checks of what becomes the server's command line and environment.</summary>
internal static partial class ServerArgumentsValidator
{
    private const int MostEntries = 256;
    private const int LongestArgument = 8192;
    private const int LongestAlias = 256;

    /// <summary>All problems, in the order of the fields.</summary>
    public static IEnumerable<FieldError> Validate(InferenceServiceSpec spec) =>
    [
        .. InRange("spec.batchSize", spec.BatchSize, 1, 16384),
        .. Check(spec.UBatchSize is null or >= 1, "spec.uBatchSize", $"must be at least 1, got {spec.UBatchSize}"),
        .. Check(!(spec.UBatchSize > spec.BatchSize), "spec.uBatchSize", $"must not be above batchSize, which is {spec.BatchSize}, got {spec.UBatchSize}"),
        .. Check(
            spec.Alias is null || (spec.Alias.Length <= LongestAlias && Alias().IsMatch(spec.Alias)),
            "spec.alias",
            $"must be 1 to {LongestAlias} letters, digits and . _ : / @ + , - of which the first is a letter or digit, got \"{spec.Alias}\""),
        .. AtMost("spec.extraArgs", spec.ExtraArgs?.Count, MostEntries),
        .. (spec.ExtraArgs ?? []).SelectMany((argument, i) => Argument($"spec.extraArgs[{i}]", argument)),
        .. Variables(spec.Env ?? []),
    ];

    private static FieldError[] Argument(string path, string? argument)
    {
        if (argument is null || argument.Length > LongestArgument) return [new(path, $"must be a text of at most {LongestArgument} characters")];
        return ServerFlags.Of(argument) switch
        {
            ServerFlags.Model => [new(path, ServerArgumentRules.NoModelWords)],
            ServerFlags.Host => [new(path, ServerArgumentRules.NoHostWords)],
            ServerFlags.Port => [new(path, ServerArgumentRules.NoPortWords)],
            _ => Check(!ServerFlags.IsModelSource(argument), path, ServerArgumentRules.NoModelWords),
        };
    }

    private static IEnumerable<FieldError> Variables(IList<V1EnvVar> variables) =>
    [
        .. AtMost("spec.env", variables.Count, MostEntries),
        .. variables.SelectMany((variable, i) => Variable($"spec.env[{i}]", variable)),
        .. variables.Select((variable, i) => (variable.Name, i)).GroupBy(v => v.Name).SelectMany(same => same.Skip(1))
            .Select(again => new FieldError($"spec.env[{again.i}].name", $"\"{again.Name}\" is there already; name each variable once")),
    ];

    private static IEnumerable<FieldError> Variable(string path, V1EnvVar variable) =>
    [
        .. Check(
            VariableName().IsMatch(variable.Name ?? ""), $"{path}.name", $"must be letters, digits, and - _ . without a digit at its beginning, got \"{variable.Name}\""),
        .. Check(variable.Name != Drain.AddressVariable, $"{path}.name", $"is the operator's own ({Drain.AddressVariable}); choose another"),
        .. Check(
            !ServerFlags.ModelVariables.Contains(variable.Name ?? "") && !ServerFlags.FormerModelVariables.Contains(variable.Name ?? ""), $"{path}.name", ServerArgumentRules.NoModelWords),
        .. Check(variable.ValueFrom is null || variable.Value is null or "", $"{path}.valueFrom", "goes without a value; leave one of them out"),
        .. variable.ValueFrom is { } source ? Source($"{path}.valueFrom", source) : [],
    ];

    private static IEnumerable<FieldError> Source(string path, V1EnvVarSource source)
    {
        object?[] all = [source.SecretKeyRef, source.ConfigMapKeyRef, source.FieldRef, source.ResourceFieldRef, source.FileKeyRef];
        return
        [
            .. Check(all.Count(s => s is not null) == 1, path, "must name one source, such as secretKeyRef"),
            .. source.SecretKeyRef is { } secret ? Key($"{path}.secretKeyRef", "a Secret", secret.Name, secret.Key) : [],
            .. source.ConfigMapKeyRef is { } map ? Key($"{path}.configMapKeyRef", "a ConfigMap", map.Name, map.Key) : [],
            .. Check(source.FieldRef is not { FieldPath: null or "" }, $"{path}.fieldRef.fieldPath", "must name a field of the pod, such as status.podIP"),
            .. Check(source.ResourceFieldRef is not { Resource: null or "" }, $"{path}.resourceFieldRef.resource", "must name a resource, such as limits.memory"),
        ];
    }

    private static IEnumerable<FieldError> Key(string path, string kind, string? name, string? key) =>
    [
        .. Check(IsSubdomain(name), $"{path}.name", $"must be the name of {kind}, got \"{name}\""),
        .. Check(DataKey().IsMatch(key ?? ""), $"{path}.key", $"must be a key of {kind}, got \"{key}\""),
    ];

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/@+,-]*\z")]
    private static partial Regex Alias();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex VariableName();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex DataKey();
}
