using System.Collections.Concurrent;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.Models;

/// <summary>
/// Tells a Model's services of each of its versions. A version counts as told once it has been, so that what goes wrong in between
/// is made up for by the next attempt, and a Model that only looks round wakes nobody.
/// </summary>
internal sealed class ModelNews(ParentWaker parents)
{
    private readonly ConcurrentDictionary<string, string> _toldVersions = new();

    /// <summary>Wakes the services if this version of the Model is news to them.</summary>
    public async Task TellAsync(Model model, CancellationToken cancellationToken)
    {
        var (uid, version) = (model.Metadata.Uid, model.Metadata.ResourceVersion);
        if (_toldVersions.TryGetValue(uid, out var told) && told == version) return;
        await parents.WakeServicesOfAsync(model, cancellationToken);
        _toldVersions[uid] = version;
    }

    /// <summary>Wakes the services of a Model that is gone.</summary>
    public async Task TellOfEndAsync(Model model, CancellationToken cancellationToken)
    {
        await parents.WakeServicesOfAsync(model, cancellationToken);
        _toldVersions.TryRemove(model.Metadata.Uid, out _);
    }
}
