using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>What a kind's names must look like; answers what is wrong in Kubernetes' own words.</summary>
internal sealed partial class NameRule
{
    public const string SubdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    public const string LabelMessage = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string Dns1035Message = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private readonly Func<string, IEnumerable<string>> _problems;

    private NameRule(Func<string, IEnumerable<string>> problems) => _problems = problems;

    /// <summary>Anything that fits into a path.</summary>
    public static NameRule PathSegment { get; } = new(PathProblems);

    public static NameRule Any { get; } = new(_ => []);

    public static NameRule Subdomain { get; } = new(name => Check(name, 253, SubdomainForm(), SubdomainMessage));

    public static NameRule Label { get; } = new(name => Check(name, 63, LabelForm(), LabelMessage));

    public static NameRule Dns1035Label { get; } = new(name => Check(name, 63, Dns1035Form(), Dns1035Message));

    public IEnumerable<string> Problems(string name) => _problems(name);

    private static IEnumerable<string> Check(string name, int longest, Regex form, string message)
    {
        if (name.Length > longest) yield return $"must be no more than {longest} bytes";
        if (!form.IsMatch(name)) yield return message;
    }

    private static IEnumerable<string> PathProblems(string name)
    {
        if (name is "." or "..") yield return $"may not be '{name}'";
        foreach (var character in "/%")
        {
            if (name.Contains(character, StringComparison.Ordinal)) yield return $"may not contain '{character}'";
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Dns1035Form();
}
