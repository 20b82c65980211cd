using System.Globalization;
using System.Text;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;

namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>Which part of a log is asked for, and how its lines are shown.</summary>
internal sealed record LogWindow(long? TailLines, long? LimitBytes, DateTimeOffset? Since, bool Timestamps)
{
    public static LogWindow Of(ApiRequest request) => new(
        request.Number("tailLines"), request.Number("limitBytes"), Objects.Timestamps.Parse(request.Query("sinceTime")), request.Flag("timestamps"));

    public string Apply(IReadOnlyList<LogLine> lines)
    {
        var chosen = lines.Where(l => Since is null || l.At >= Since).ToList();
        if (TailLines is >= 0 and var tail && tail < chosen.Count) chosen = chosen[^(int)tail..];
        var text = Format(chosen);
        return LimitBytes is > 0 and var limit && Encoding.UTF8.GetByteCount(text) > limit ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(0, (int)limit)) : text;
    }

    public string Format(IEnumerable<LogLine> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            if (Timestamps) text.Append(line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z '", CultureInfo.InvariantCulture));
            text.Append(line.Text).Append('\n');
        }

        return text.ToString();
    }
}
