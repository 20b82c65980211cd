using k8s;
using k8s.Models;
using LlmKube.Operator.Cli.Commands;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>The commands that speak to a cluster, against an API server in this process.</summary>
[TestFixture]
internal sealed class InstallTests
{
    private static readonly string[] Definitions = ["inferenceservices.inference.llmkube.dev", "models.inference.llmkube.dev"];

    private ApiServerHost _server = null!;
    private Kubernetes _client = null!;
    private DirectoryInfo _folder = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ApiServerHost.StartAsync(new ApiServerOptions());
        _client = new Kubernetes(_server.ClientConfiguration());
        _folder = Directory.CreateTempSubdirectory("cli");
        _server.WriteKubeconfig(Kubeconfig);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Installing_applies_the_definitions_and_waits_until_they_are_served()
    {
        var (code, output, error) = await RunAsync("install", typeof(Model).Assembly.Location);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Is.EqualTo(string.Concat(Definitions.Select(d => $"{d} installed\n"))));
        Assert.That(await ModelsAsync(), Is.Empty);
    }

    [Test]
    public async Task Installing_twice_changes_nothing()
    {
        await RunAsync("install", typeof(Model).Assembly.Location);
        var before = await _client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(Definitions[1]);

        var (code, _, error) = await RunAsync("install", typeof(Model).Assembly.Location);

        var after = await _client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(Definitions[1]);
        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(after.Metadata.Generation, Is.EqualTo(before.Metadata.Generation));
    }

    [Test]
    public async Task A_field_that_someone_else_has_set_is_taken_over_by_force_only()
    {
        await RunAsync("install", typeof(Model).Assembly.Location);
        var foreign = new V1Patch("""{"spec":{"names":{"shortNames":["modl"]}}}""", V1Patch.PatchType.MergePatch);
        await _client.ApiextensionsV1.PatchCustomResourceDefinitionAsync(foreign, Definitions[1], fieldManager: "someone");

        var (refused, _, error) = await RunAsync("install", typeof(Model).Assembly.Location);
        var (forced, _, _) = await RunAsync("install", typeof(Model).Assembly.Location, "--force");

        Assert.That(refused, Is.EqualTo(2));
        Assert.That(error, Does.StartWith($"error: {Definitions[1]}: ").And.Contain("someone").And.Contain("--force"));
        Assert.That(forced, Is.Zero);
        var live = await _client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(Definitions[1]);
        Assert.That(live.Spec.Names.ShortNames, Is.EqualTo(new[] { "mdl" }));
    }

    [Test]
    public async Task Uninstalling_does_not_delete_objects_unless_forced()
    {
        await RunAsync("install", typeof(Model).Assembly.Location);
        await CreateAsync("m", "default");

        var (refused, _, error) = await RunAsync("uninstall", typeof(Model).Assembly.Location);
        Assert.That(refused, Is.EqualTo(2));
        Assert.That(error, Does.Contain("models.inference.llmkube.dev: 1 object(s)"));
        Assert.That(await ModelsAsync(), Is.EqualTo(new[] { "m" }));

        var (forced, output, _) = await RunAsync("uninstall", typeof(Model).Assembly.Location, "--force");
        Assert.That(forced, Is.Zero);
        Assert.That(output, Does.Contain("models.inference.llmkube.dev uninstalled"));
        Assert.That((await _client.ApiextensionsV1.ListCustomResourceDefinitionAsync()).Items, Is.Empty);
    }

    [Test]
    public async Task Uninstalling_what_is_not_there_says_so()
    {
        var (code, output, _) = await RunAsync("uninstall", typeof(Model).Assembly.Location);

        Assert.That((code, output), Is.EqualTo((0, string.Concat(Definitions.Select(d => $"{d} was not installed\n")))));
    }

    [Test]
    public async Task Emptying_deletes_objects_if_forced_where_it_is_told_to()
    {
        await RunAsync("install", typeof(Model).Assembly.Location);
        await _client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { Name = "other" } });
        await CreateAsync("m", "default");
        await CreateAsync("m", "other");

        var (refused, _, error) = await RunAsync("empty", typeof(Model).Assembly.Location);
        Assert.That((refused, error), Is.EqualTo((2, $"error: {Definitions[1]}: 2 object(s) would be deleted; --force deletes them\n")));

        var (forced, output, _) = await RunAsync("empty", typeof(Model).Assembly.Location, "--force", "--namespace", "other");
        Assert.That((forced, output), Is.EqualTo((0, $"{Definitions[0]}: 0 object(s) deleted\n{Definitions[1]}: 1 object(s) deleted\n")));
        Assert.That(await ModelsAsync(), Is.EqualTo(new[] { "m" }));
    }

    [Test]
    public async Task What_does_not_go_is_named_with_what_holds_it()
    {
        await RunAsync("install", typeof(Model).Assembly.Location);
        await CreateAsync("held", "default", "example.com/hold");

        var (code, _, error) = await RunAsync("empty", typeof(Model).Assembly.Location, "--force", "--timeout", "0");

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.StartWith($"error: {Definitions[1]}: default/held did not go (held by example.com/hold: does the operator run that releases them"));
    }

    [Test]
    public async Task There_is_nothing_to_empty_where_nothing_is_installed()
    {
        var (code, output, _) = await RunAsync("empty", typeof(Model).Assembly.Location);

        Assert.That((code, output), Is.EqualTo((0, string.Concat(Definitions.Select(d => $"{d}: 0 object(s) deleted\n")))));
    }

    [Test]
    public async Task The_version_of_the_server_is_told()
    {
        var (code, output, _) = await RunAsync("api-version");

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Match(@"^v[0-9]+\.[0-9]+"));
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_an_error_in_one_line()
    {
        await _server.StopAsync();
        var (code, _, error) = await RunAsync("install", typeof(Model).Assembly.Location);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.StartWith("error: ").And.EndWith("\n"));
        Assert.That(error.Count(c => c == '\n'), Is.EqualTo(1));
    }

    private string Kubeconfig => Path.Combine(_folder.FullName, "kubeconfig");

    private Task<object> CreateAsync(string name, string @namespace, params string[] finalizers)
    {
        var model = new Model { Metadata = new() { Name = name, Finalizers = finalizers }, Spec = { Source = "https://h/m.gguf" } };
        return _client.CustomObjects.CreateNamespacedCustomObjectAsync(model, Model.KubeGroup, Model.KubeApiVersion, @namespace, Model.KubePluralName);
    }

    private async Task<IEnumerable<string>> ModelsAsync()
    {
        using var generic = new GenericClient(_client, Model.KubeGroup, Model.KubeApiVersion, Model.KubePluralName, disposeClient: false);
        var list = await generic.ListAsync<KubeOps.Abstractions.Entities.EntityList<Model>>();
        return list.Items.Select(m => m.Metadata.Name);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync([.. args, "--kubeconfig", Kubeconfig], output, error, TimeProvider.System, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
