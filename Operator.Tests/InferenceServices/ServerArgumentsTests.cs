using System.Diagnostics;
using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Tests.Demo;
using LlmKube.Operator.Tests.Entities;
using LlmKube.Operator.Tests.Gguf;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What the server is told, and how the user's own arguments go together with the operator's.</summary>
public sealed partial class ServerArgumentsTests
{
    private const string Begin = "--model /m.gguf --host 0.0.0.0 --port 8080";

    private static readonly Dictionary<string, (Action<InferenceServiceSpec> Spec, int Gpus, GpuShardingSpec? Sharding, string Want)> Stories = new()
    {
        ["nothing said"] = (_ => { }, 0, null, "--metrics"),
        ["everything said on CPUs: no flash attention"] = (Everything, 0, null,
            "--ctx-size 8192 --parallel 4 --cache-type-k q8_0 --cache-type-v q4_0 --batch-size 4096 --ubatch-size 1024 --no-warmup --alias qwen,gpt-4o --jinja --metrics"),
        ["everything said on a GPU"] = (Everything, 1, null,
            "--n-gpu-layers 99 --ctx-size 8192 --parallel 4 --flash-attn on --cache-type-k q8_0 --cache-type-v q4_0 --batch-size 4096 --ubatch-size 1024 --no-warmup --alias qwen,gpt-4o --jinja --metrics"),
        ["what is false is not said"] = (s => (s.NoWarmup, s.Jinja, s.FlashAttention) = (false, false, false), 1, null, "--n-gpu-layers 99 --metrics"),
        ["one GPU has nothing to divide"] = (_ => { }, 1, Sharding(ShardingStrategies.Tensor), "--n-gpu-layers 99 --metrics"),
        ["two GPUs share evenly, by layers"] = (_ => { }, 2, null, "--n-gpu-layers 99 --split-mode layer --tensor-split 1,1 --metrics"),
        ["the strategy layer"] = (_ => { }, 2, Sharding(ShardingStrategies.Layer), "--n-gpu-layers 99 --split-mode layer --tensor-split 1,1 --metrics"),
        ["the strategy pipeline is by layers"] = (_ => { }, 3, Sharding(ShardingStrategies.Pipeline), "--n-gpu-layers 99 --split-mode layer --tensor-split 1,1,1 --metrics"),
        ["the strategy tensor is by rows"] = (_ => { }, 2, Sharding(ShardingStrategies.Tensor), "--n-gpu-layers 99 --split-mode row --tensor-split 1,1 --metrics"),
        ["a split by hand"] = (_ => { }, 2, Sharding(ShardingStrategies.Layer, "0-19", "20-31"), "--n-gpu-layers 99 --split-mode layer --tensor-split 20,12 --metrics"),
        ["more of the user's come last"] = (Extra("--seed", "42", "--log-disable"), 0, null, "--metrics --seed 42 --log-disable"),
        ["the user's context wins"] = (Both(Extra("-c", "512"), s => s.ContextSize = 4096), 0, null, "--metrics -c 512"),
        ["by the long name"] = (Both(Extra("--ctx-size", "512"), s => s.ContextSize = 4096), 0, null, "--metrics --ctx-size 512"),
        ["with an underscore, as llama.cpp takes it"] = (Both(Extra("--ctx_size", "512"), s => s.ContextSize = 4096), 0, null, "--metrics --ctx_size 512"),
        ["the user's slots win"] = (Both(Extra("-np", "2"), s => s.ParallelSlots = 4), 0, null, "--metrics -np 2"),
        ["the user's layers win"] = (Extra("-ngl", "10"), 1, null, "--metrics -ngl 10"),
        ["by another name"] = (Extra("--gpu-layers", "10"), 1, null, "--metrics --gpu-layers 10"),
        ["the user's split mode wins, the shares stay"] = (Extra("-sm", "none"), 2, null, "--n-gpu-layers 99 --tensor-split 1,1 --metrics -sm none"),
        ["the user's shares win"] = (Extra("-ts", "3,1"), 2, null, "--n-gpu-layers 99 --split-mode layer --metrics -ts 3,1"),
        ["the user's flash attention wins"] = (Both(Extra("-fa", "off"), s => s.FlashAttention = true), 1, null, "--n-gpu-layers 99 --metrics -fa off"),
        ["the user's types of cache win"] = (Both(Extra("-ctk", "f16", "-ctv", "f16"), s => (s.CacheTypeK, s.CacheTypeV) = ("q8_0", "q8_0")), 0, null, "--metrics -ctk f16 -ctv f16"),
        ["the user's batches win"] = (Both(Extra("-b", "64", "-ub", "32"), s => (s.BatchSize, s.UBatchSize) = (4096, 1024)), 0, null, "--metrics -b 64 -ub 32"),
        ["the opposite wins, too"] = (Both(Extra("--warmup", "--no-jinja"), s => (s.NoWarmup, s.Jinja) = (true, true)), 0, null, "--metrics --warmup --no-jinja"),
        ["the user's alias wins"] = (Both(Extra("-a", "x"), s => s.Alias = "y"), 0, null, "--metrics -a x"),
        ["metrics are given once"] = (Extra("--metrics"), 0, null, "--metrics"),
        ["what Kubernetes fills in is passed as it was written"] = (Extra("--alias", "$(NAME)", "--seed", "$$(NOT)"), 0, null, "--metrics --alias $(NAME) --seed $$(NOT)"),
        ["a value that is none of our flags is no flag"] = (Both(Extra("--reverse-prompt", "c"), s => s.ContextSize = 512), 0, null, "--ctx-size 512 --metrics --reverse-prompt c"),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void The_server_is_told(string story)
    {
        var (edit, gpus, sharding, want) = Stories[story];
        var model = A.GpuModel(gpus);
        model.Spec.Hardware!.Gpu = gpus == 0 ? null : new GpuSpec { Count = gpus, Sharding = sharding };
        var spec = A.Service(with: edit).Spec;

        var args = ServerArguments.Of(spec, model.Spec, "/m.gguf", GpuRequest.Of(spec, model.Spec));

        Assert.That(string.Join(' ', args), Is.EqualTo($"{Begin} {want}"));
    }

    [Test]
    public async Task The_server_knows_each_flag_by_these_names()
    {
        var help = await HelpAsync();
        HashSet<string>[] known =
        [
            .. help.Split('\n').Where(line => line.StartsWith('-'))
                .Select(line => line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Where(word => word[0] == '-').ToHashSet()),
        ];

        Assert.Multiple(() =>
        {
            foreach (var names in ServerFlags.Names) Assert.That(known.Any(k => k.IsSupersetOf(names)), Is.True, string.Join(" ", names));
            foreach (var name in ServerFlags.ModelSources.Concat(ServerFlags.OfMemory)) Assert.That(known.Any(k => k.Contains(name)), Is.True, name);
        });
    }

    // What the server says it may fetch, by whatever name, is for the operator to fetch.
    [Test]
    public async Task Nothing_that_the_server_would_fetch_can_be_said()
    {
        var help = await HelpAsync();
        var options = help.Split('\n').Aggregate(new List<string>(), (all, line) =>
        {
            if (line.StartsWith('-')) all.Add(line);
            else if (all.Count > 0) all[^1] += " " + line.Trim();
            return all;
        });
        var fetching = options.Where(o => Fetching().IsMatch(o)).ToList();

        Assert.That(fetching, Has.Count.GreaterThanOrEqualTo(15));
        Assert.Multiple(() =>
        {
            foreach (var option in fetching)
            {
                foreach (var name in option.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => word[0] == '-')) Assert.That(ServerFlags.IsModelSource(name), Is.True, name);
                if (Variable().Match(option) is { Success: true } variable) Assert.That(ServerFlags.ModelVariables, Does.Contain(variable.Groups[1].Value));
            }
        });
    }

    [Test]
    public void The_schema_forbids_the_same()
    {
        var schema = File.ReadAllText(ApiCluster.InRepository("deploy", "crds", "inference.llmkube.dev_inferenceservices.yaml"));
        string[] all = [ServerFlags.Model, .. ServerFlags.ModelSources, .. ServerFlags.FormerModelSources, .. ServerFlags.ModelVariables, .. ServerFlags.FormerModelVariables];

        Assert.That(all.Where(name => !schema.Contains($"'{name}'", StringComparison.Ordinal) && !schema.Contains($"''{name}''", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task The_server_does_what_it_is_told()
    {
        var folder = Directory.CreateTempSubdirectory("server-arguments-");
        var file = Path.Combine(folder.FullName, "model.gguf");
        await File.WriteAllBytesAsync(file, new TinyGguf { Embedding = 256, Heads = 8, KeyValueHeads = 2, Layers = 4 }.Build());
        var spec = A.Service(with: Both(s => (s.ContextSize, s.BatchSize, s.UBatchSize, s.Alias, s.Jinja) = (4096, 64, 32, "qwen", true), Extra("-c", "512", "--seed", "42"))).Spec;

        // What helps the test to start it takes the place of the weights' path and the address.
        await using var server = await LlamaServer.StartAsync(file, [.. ServerArguments.Of(spec, A.Model().Spec, file, null).SkipWhile(a => a != ServerFlags.BatchSize)]);
        var answer = await server.AskAsync("v1/chat/completions", new { messages = new[] { new { role = "user", content = "a" } }, max_tokens = 1 });

        Assert.That((string?)answer["model"], Is.EqualTo("qwen"));
        Assert.That(server.Log, Does.Match(@"n_ctx +\= 512\b").And.Match(@"n_batch +\= 64\b").And.Match(@"n_ubatch +\= 32\b"));
        folder.Delete(recursive: true);
    }

    private static async Task<string> HelpAsync()
    {
        using var server = Process.Start(new ProcessStartInfo(Tools.Find("llama-server"), "--help") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var help = await server.StandardOutput.ReadToEndAsync();
        await server.WaitForExitAsync();
        return help;
    }

    [GeneratedRegex(@"download weights from|model download url|^-\S+.*<(user|repo)>|Hugging Face model file|URL to a multimodal projector|Docker Hub model repository")]
    private static partial Regex Fetching();

    [GeneratedRegex(@"\(env: (\w+)\)")]
    private static partial Regex Variable();

    private static void Everything(InferenceServiceSpec spec)
    {
        (spec.ContextSize, spec.ParallelSlots, spec.FlashAttention, spec.Jinja) = (8192, 4, true, true);
        (spec.CacheTypeK, spec.CacheTypeV, spec.BatchSize, spec.UBatchSize) = (CacheTypes.Q80, CacheTypes.Q40, 4096, 1024);
        (spec.NoWarmup, spec.Alias) = (true, "qwen,gpt-4o");
    }

    private static Action<InferenceServiceSpec> Extra(params string[] args) => s => s.ExtraArgs = args;

    private static Action<InferenceServiceSpec> Both(Action<InferenceServiceSpec> a, Action<InferenceServiceSpec> b) => a + b;

    private static GpuShardingSpec Sharding(string strategy, params string[] ranges) => new() { Strategy = strategy, LayerSplit = ranges };
}
