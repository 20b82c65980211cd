using System.Globalization;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Deployments;

/// <summary>One ReplicaSet of a Deployment, as far as the maths goes: how many pods it is to have, how many are available.</summary>
internal sealed record ReplicaCount(string Name, int Replicas, int Available);

/// <summary>The arithmetic of a Deployment's rollout, as kube-controller-manager does it.</summary>
internal static class Rollout
{
    /// <summary>Percentages of surge round up, of unavailable round down; both zero would stand still, so one may be unavailable.</summary>
    public static (int Surge, int Unavailable) Limits(IntOrString? maxSurge, IntOrString? maxUnavailable, int replicas)
    {
        var surge = Resolve(maxSurge, replicas, up: true);
        var unavailable = Math.Min(Resolve(maxUnavailable, replicas, up: false), replicas);
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }

    /// <summary>
    /// The next sizes of a rolling update: the set of the current template grows as far as it may, else the
    /// old ones (oldest first) shrink as far as they may.
    /// </summary>
    /// <returns>The sets whose size changes.</returns>
    public static IReadOnlyDictionary<string, int> Step(int desired, int surge, int unavailable, ReplicaCount current, IReadOnlyList<ReplicaCount> old)
    {
        var total = current.Replicas + old.Sum(o => o.Replicas);
        if (current.Replicas > desired) return new Dictionary<string, int> { [current.Name] = desired };
        var room = Math.Min(desired + surge - total, desired - current.Replicas);
        if (room > 0) return new Dictionary<string, int> { [current.Name] = current.Replicas + room };
        return Shrink(desired - unavailable, total, current, old);
    }

    /// <summary>
    /// A Deployment was scaled in mid-rollout: each set changes in proportion, the largest takes what rounding leaves.
    /// Allowed is the new sum of all sets (desired plus surge), before what it was until then.
    /// </summary>
    public static IReadOnlyDictionary<string, int> Proportional(int allowed, int before, IReadOnlyList<ReplicaCount> active)
    {
        var total = active.Sum(a => a.Replicas);
        var toAdd = allowed - total;
        if (toAdd == 0 || active.Count == 0) return new Dictionary<string, int>();
        var bySize = toAdd > 0
            ? active.OrderByDescending(a => a.Replicas).ToList()
            : active.OrderBy(a => a.Replicas).Reverse().ToList();
        var sizes = new Dictionary<string, int>();
        var added = 0;
        foreach (var set in bySize)
        {
            var share = before <= 0 ? 0 : (int)Math.Round((double)set.Replicas * allowed / before, MidpointRounding.AwayFromZero) - set.Replicas;
            share = toAdd > 0 ? Math.Clamp(share, 0, toAdd - added) : Math.Clamp(share, toAdd - added, 0);
            added += share;
            sizes[set.Name] = set.Replicas + share;
        }

        var first = bySize[0].Name;
        sizes[first] = Math.Max(0, sizes[first] + toAdd - added);
        return sizes.Where(s => active.First(a => a.Name == s.Key).Replicas != s.Value).ToDictionary();
    }

    private static Dictionary<string, int> Shrink(int minAvailable, int total, ReplicaCount current, IReadOnlyList<ReplicaCount> old)
    {
        var sizes = new Dictionary<string, int>();
        var mayGo = total - minAvailable - (current.Replicas - Math.Min(current.Available, current.Replicas));
        if (mayGo <= 0) return sizes;

        // Pods that serve nobody go first: taking them costs no availability.
        var left = old.ToDictionary(o => o.Name, o => o.Replicas);
        foreach (var set in old)
        {
            var broken = Math.Min(mayGo, set.Replicas - Math.Min(set.Available, set.Replicas));
            left[set.Name] -= broken;
            mayGo -= broken;
        }

        var spare = current.Available + old.Sum(o => Math.Min(o.Available, left[o.Name])) - minAvailable;
        foreach (var set in old)
        {
            var going = Math.Min(Math.Max(0, spare), left[set.Name]);
            left[set.Name] -= going;
            spare -= going;
        }

        foreach (var set in old)
        {
            if (left[set.Name] != set.Replicas) sizes[set.Name] = left[set.Name];
        }

        return sizes;
    }

    private static int Resolve(IntOrString? value, int replicas, bool up)
    {
        var text = value?.Value ?? "25%";
        if (!text.EndsWith('%')) return int.Parse(text, CultureInfo.InvariantCulture);
        var share = replicas * int.Parse(text[..^1], CultureInfo.InvariantCulture) / 100.0;
        return (int)(up ? Math.Ceiling(share) : Math.Floor(share));
    }
}
