using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Models;

/// <summary>The Models that wait for a slot, the oldest first. Free slots are kept for the first of them: for a while, since one may have lost interest without a word.</summary>
internal sealed class WaitingFetches
{
    private readonly SortedSet<Waiter> _order = new(Comparer<Waiter>.Create(Compare));
    private readonly Dictionary<(string Namespace, string Name), Waiter> _waiters = [];
    private readonly Dictionary<Waiter, Kept> _kept = [];

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _order.Count == 0;

    /// <summary>A Model waits, from now on or still.</summary>
    public void Add(Model model)
    {
        Remove(model);
        var waiter = new Waiter(model.Metadata.CreationTimestamp ?? DateTime.MaxValue, model.Metadata.NamespaceProperty, model.Metadata.Name);
        _waiters[KeyOf(model)] = waiter;
        _order.Add(waiter);
    }

    /// <summary>A Model waits no more.</summary>
    public void Remove(Model model)
    {
        if (_waiters.TryGetValue(KeyOf(model), out var waiter)) Remove(waiter);
    }

    /// <summary>Keeps the free slots for the oldest.</summary>
    /// <param name="free">How many slots are free.</param>
    /// <param name="now">The time.</param>
    /// <param name="patience">How long one is kept for who doesn't come.</param>
    public void Keep(int free, DateTimeOffset now, TimeSpan patience)
    {
        foreach (var (lost, _) in _kept.Where(k => now - k.Value.Since > patience).ToList()) Remove(lost);
        foreach (var waiter in First(free)) _kept.TryAdd(waiter, new(now, IsNamed: false));
    }

    /// <summary>Those for whom free slots are kept and who have not been told so.</summary>
    /// <param name="free">How many slots are free.</param>
    public IReadOnlyList<(string Namespace, string Name)> Name(int free)
    {
        List<Waiter> next = [.. First(free).Where(w => !_kept[w].IsNamed)];
        foreach (var waiter in next) _kept[waiter] = _kept[waiter] with { IsNamed = true };
        return [.. next.Select(w => (w.Namespace, w.Name))];
    }

    /// <summary>Whether one of the free slots is for a Model.</summary>
    /// <param name="model">The Model.</param>
    /// <param name="free">How many slots are free.</param>
    public bool IsNext(Model model, int free) => _waiters.TryGetValue(KeyOf(model), out var waiter) && First(free).Contains(waiter);

    private IEnumerable<Waiter> First(int free) => _order.Take(Math.Max(0, free));

    private void Remove(Waiter waiter)
    {
        _waiters.Remove((waiter.Namespace, waiter.Name));
        _order.Remove(waiter);
        _kept.Remove(waiter);
    }

    private static (string Namespace, string Name) KeyOf(Model model) => (model.Metadata.NamespaceProperty, model.Metadata.Name);

    private static int Compare(Waiter a, Waiter b)
    {
        var age = a.Since.CompareTo(b.Since);
        if (age != 0) return age;
        var space = string.CompareOrdinal(a.Namespace, b.Namespace);
        return space != 0 ? space : string.CompareOrdinal(a.Name, b.Name);
    }

    private readonly record struct Kept(DateTimeOffset Since, bool IsNamed);

    private readonly record struct Waiter(DateTime Since, string Namespace, string Name);
}
