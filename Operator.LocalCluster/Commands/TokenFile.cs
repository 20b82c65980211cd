using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>Kubernetes' static token file: lines of <c>token,user,uid,"group1,group2"</c>.</summary>
internal static class TokenFile
{
    /// <exception cref="FormatException">A line lacks token, user or uid; the message names it.</exception>
    public static IReadOnlyList<ApiToken> Parse(string text)
    {
        var tokens = new List<ApiToken>();
        foreach (var (line, number) in text.Split('\n').Select((l, i) => (l.Trim(), i + 1)))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var fields = line.Split(',', 4);
            if (fields.Length < 3 || fields[0].Length == 0 || fields[1].Length == 0) throw new FormatException($"Line {number} of the token file must be: token,user,uid,\"group1,group2\".");
            var groups = fields.Length < 4 ? [] : fields[3].Trim('"').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            tokens.Add(new(fields[0], fields[1], groups));
        }

        return tokens;
    }
}
