using System.Text;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What the caches hold, as the Models' statuses say it.</summary>
public sealed class CacheMetricsTests
{
    private static readonly Dictionary<string, (Model[] Models, (double Bytes, double Artifacts)? Team)> Cases = new()
    {
        ["no Models"] = ([], null),
        ["a Model that is being fetched holds nothing yet"] = ([Of("a", ModelPhases.Downloading, sha256: null)], (0, 0)),
        ["two files"] = ([Of("a"), Of("b", bytes: 5)], (15, 2)),
        ["a file that is shared counts once"] = ([Of("a"), Of("a"), Of("b")], (20, 2)),
        ["a file that one Model does not want is there nevertheless"] = ([Of("a", ModelPhases.Failed)], (10, 1)),
        ["a fetch that failed holds nothing"] = ([Of("a", ModelPhases.Failed, sha256: null)], (0, 0)),
        ["the same source in another claim is another file"] = ([Of("a"), Of("a", claim: "uid-of-other")], (20, 2)),
        ["other namespaces are told apart"] = ([Of("a"), Of("a", @namespace: "others")], (10, 1)),
        ["a file in each of a Model's claims"] = ([In(Of("a"), ("uid-of-claim", ModelPhases.Ready), ("uid-of-fast", ModelPhases.Ready))], (20, 2)),
        ["one that is still to come is none"] = ([In(Of("a"), ("uid-of-claim", ModelPhases.Ready), ("uid-of-fast", ModelPhases.Downloading))], (10, 1)),
        ["a claim that two Models share"] = ([In(Of("a"), ("uid-of-claim", ModelPhases.Ready), ("uid-of-fast", ModelPhases.Ready)), Of("a", claim: "uid-of-fast")], (20, 2)),
        ["the size that one Model knows is the file's"] = ([Of("a", bytes: null), Of("a")], (10, 1)),
        ["a file that lies in a claim as its source is not the cache's"] = ([Of("a"), Of("b", source: "pvc://weights/m.gguf")], (10, 1)),
        ["a file of unknown size counts as one"] = ([Of("a", bytes: null), Of("b")], (10, 2)),
    };

    private static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public async Task The_caches_hold(string story)
    {
        var (models, team) = Cases[story];
        using var text = new MemoryStream();

        await StateGauges.WriteAsync(text, new(models, [], [], (_, _) => null, A.Now), CancellationToken.None);

        var scrape = new Scrape(Encoding.UTF8.GetString(text.ToArray()));
        if (team is not var (bytes, artifacts))
        {
            Assert.That(scrape.Of("llmkube_cache_bytes").Concat(scrape.Of("llmkube_cache_artifacts")), Is.Empty);
            return;
        }

        Assert.That((scrape["llmkube_cache_bytes{namespace=\"team\"}"], scrape["llmkube_cache_artifacts{namespace=\"team\"}"]), Is.EqualTo((bytes, artifacts)));
    }

    private static Model Of(
        string key, string phase = ModelPhases.Ready, long? bytes = 10, string? sha256 = "abc", string claim = "uid-of-claim", string @namespace = A.Namespace, string source = "https://models.example/m.gguf") => new()
        {
            Metadata = new V1ObjectMeta { Name = $"{key}-{Guid.NewGuid()}", NamespaceProperty = @namespace },
            Spec = new ModelSpec { Source = source },
            Status = new ModelStatus { Phase = phase, CacheKey = key, CacheClaimUid = claim, Sha256 = sha256, SizeBytes = bytes },
        };

    private static Model In(Model model, params (string Uid, string Phase)[] claims)
    {
        model.Status.Caches = [.. claims.Select(c => new ModelCacheStatus { ClaimName = $"name-of-{c.Uid}", ClaimUid = c.Uid, Phase = c.Phase, Sha256 = c.Phase == ModelPhases.Ready ? model.Status.Sha256 : null })];
        return model;
    }
}
