using System.IO.Enumeration;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes.Simulation;

/// <summary>
/// What becomes of containers: which ones (all that is given must match; <c>*</c> and <c>?</c> are wildcards), and their life.
/// Without any rule a container starts and is ready at once and stays; one of a Job succeeds at once.
/// </summary>
public sealed record PodRule
{
    /// <summary>The container's image.</summary>
    public string? Image { get; init; }

    /// <summary>The pod's name.</summary>
    public string? Pod { get; init; }

    /// <summary>The pod's namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The container's name.</summary>
    public string? Container { get; init; }

    /// <summary>Labels that the pod has.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The first so many containers only, then the next rule that matches; null for all.</summary>
    public int? Times { get; init; }

    /// <summary>From the pod's arrival on its node to the container's start: the pull of the image.</summary>
    public TimeSpan StartDelay { get; init; }

    /// <summary>From the start until it is ready: the load of a model.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>From the start to the exit; null runs for ever (containers of Jobs and init containers exit at once).</summary>
    public TimeSpan? RunTime { get; init; }

    /// <summary>Runs for as long as this rule is in force, and ends when it is removed: whatever the clock says, and instead of <see cref="RunTime"/>.</summary>
    public bool UntilRemoved { get; init; }

    /// <summary>The exit code at the end of <see cref="RunTime"/>; a code other than 0 without a run time exits at once.</summary>
    public int ExitCode { get; init; }

    /// <summary>The reason of the exit; Completed or Error if null. <c>OOMKilled</c> goes with code 137.</summary>
    public string? ExitReason { get; init; }

    /// <summary>What the container leaves in its termination message.</summary>
    public string? TerminationMessage { get; init; }

    /// <summary>The message of a pull that fails for as long as this rule is in force (ErrImagePull, ImagePullBackOff).</summary>
    public string? PullFailure { get; init; }

    /// <summary>Lines of the log, written at the start.</summary>
    public IReadOnlyList<string> LogLines { get; init; } = [];

    /// <summary>From the request to stop until the exit; the grace period cuts it short with code 137.</summary>
    public TimeSpan StopDelay { get; init; }

    internal bool Matches(V1Pod pod, V1Container container) =>
        Like(Image, container.Image) && Like(Pod, pod.Metadata.Name) && Like(Namespace, pod.Metadata.NamespaceProperty) && Like(Container, container.Name)
        && Labels.All(l => pod.Label(l.Key) == l.Value);

    private static bool Like(string? pattern, string? text) => pattern is null || FileSystemName.MatchesSimpleExpression(pattern, text ?? "", ignoreCase: false);
}

/// <summary>The rules in force, the first that matches wins; may change while pods run.</summary>
public sealed class PodRules
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Told when the rules have changed.</summary>
    internal event Action? Changed;

    /// <summary>Adds a rule before all others.</summary>
    /// <param name="rule">The rule.</param>
    public void Add(PodRule rule)
    {
        lock (_gate) _entries.Insert(0, new(rule));
        Changed?.Invoke();
    }

    /// <summary>Removes a rule, so that the next ones show.</summary>
    /// <param name="rule">The rule, as it was added.</param>
    public void Remove(PodRule rule)
    {
        lock (_gate) _entries.RemoveAll(e => e.Rule == rule);
        Changed?.Invoke();
    }

    /// <summary>Back to the defaults.</summary>
    public void Clear()
    {
        lock (_gate) _entries.Clear();
        Changed?.Invoke();
    }

    /// <summary>The rule of one container start; it uses up one of the rule's times.</summary>
    internal PodRule Take(V1Pod pod, V1Container container)
    {
        lock (_gate)
        {
            var entry = Find(pod, container);
            if (entry is null) return new();
            entry.Used++;
            return entry.Rule;
        }
    }

    internal bool IsInForce(PodRule rule)
    {
        lock (_gate) return _entries.Any(e => e.Rule == rule);
    }

    private Entry? Find(V1Pod pod, V1Container container) =>
        _entries.FirstOrDefault(e => (e.Rule.Times is null || e.Used < e.Rule.Times) && e.Rule.Matches(pod, container));

    private sealed class Entry(PodRule rule)
    {
        public PodRule Rule { get; } = rule;

        public int Used { get; set; }
    }
}
