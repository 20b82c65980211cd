using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>
/// Processes share this machine's files and addresses, so that what means the container's own is replaced: paths below its mounts by the
/// folders that stand for them, "all addresses" by the pod's. Remembers what it replaced, so that it can be said.
/// </summary>
internal sealed class Rewriter
{
    // As they stand between words of a list, a command or a shell's script.
    private const string Separators = @":,;""'`<>()|&\s";

    private readonly string _address;
    private readonly IReadOnlyDictionary<string, string> _folders;
    private readonly Regex _pattern;
    private readonly SortedDictionary<string, string> _used = new(StringComparer.Ordinal);

    /// <param name="address">The pod's address.</param>
    /// <param name="folders">What stands for a path in the container, by that path.</param>
    public Rewriter(string address, IReadOnlyDictionary<string, string> folders)
    {
        _address = address;
        _folders = folders;

        // The longest mount first: /models/hub may be mounted below /models. A path counts at the start of a value or behind a
        // separator only: the path of a URL is none of ours, but for that of a file.
        var mounts = folders.Keys.OrderByDescending(m => m.Length).Select(Regex.Escape).ToList();
        var paths = mounts.Count == 0 ? "(?!)" : $@"(?<=^|[{Separators}=@]|\bfile://)(?:{string.Join('|', mounts)})(?=$|[/{Separators}])";

        // The three ways to say "all addresses": 0.0.0.0, [::] and, as Go's programs do, a port alone.
        _pattern = new Regex($@"(?<path>{paths})|(?<![\w.])(?<any>0\.0\.0\.0)(?![\w.]|/\d)|(?<!\w)(?<any>\[::\])|^(?<any>::)$|(?<=^|=)(?<port>:\d+)$", RegexOptions.CultureInvariant);
    }

    /// <summary>What was replaced by what, so far.</summary>
    public IReadOnlyDictionary<string, string> Used
    {
        get
        {
            lock (_used) return new SortedDictionary<string, string>(_used, StringComparer.Ordinal);
        }
    }

    public string Apply(string value) => _pattern.Replace(value, match =>
    {
        if (match.Groups["port"].Success) return Use(match.Value, _address + match.Value);
        return Use(match.Value, match.Groups["any"].Success ? _address : _folders[match.Value]);
    });

    private string Use(string from, string to)
    {
        lock (_used) return _used[from] = to;
    }
}
