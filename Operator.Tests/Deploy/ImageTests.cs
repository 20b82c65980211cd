using System.Diagnostics;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Tests.Entities;
using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>The image that the Dockerfile makes: what it says, always; what it publishes, with <c>make try-image</c>, since that takes minutes.</summary>
[TestFixture]
internal sealed class ImageTests
{
    private const string Program = "LlmKube.Operator", Revision = "0123abc";

    // Linux is marked in the machine of what was compiled ahead of time for it (IMAGE_FILE_MACHINE_OS_MASK_LINUX).
    private const int Linux = 0x7B79;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    // shared/Microsoft.NETCore.App/VERSION lies below it.
    private static readonly string s_dotnetRoot = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    [Test]
    public void It_is_the_program_alone_for_the_user_of_the_Deployment()
    {
        var image = ImageRecipe.LastStage.ToLookup(i => i.Name, i => i.Value);
        var pod = YamlManifests.Read(Path.Combine(Installation.Root, "deploy", "operator", "manager.yaml")).Single()["spec"]!["template"]!["spec"]!;
        var user = pod["securityContext"]!;
        var framework = XDocument.Load(Path.Combine(Installation.Root, "Directory.Build.props")).Descendants("TargetFramework").Single().Value;

        Assert.That(image["FROM"].Single(), Is.EqualTo($"mcr.microsoft.com/dotnet/aspnet:{framework["net".Length..]}-noble-chiseled"));
        Assert.That(image["COPY"].Single(), Is.EqualTo("--from=build /app /app"));
        Assert.That(image["USER"].Single(), Is.EqualTo($"{user["runAsUser"]!.ToJsonString()}:{user["runAsGroup"]!.ToJsonString()}"));
        Assert.That(image["ENTRYPOINT"].Single(), Is.EqualTo($"[\"/app/{Program}\"]"), "pods name the verb alone");
        Assert.That(pod.At("containers", "0", "command"), Is.Null);
        Assert.That(ImageRecipe.LastStage.Select(i => i.Name), Has.None.AnyOf("RUN", "CMD", "EXPOSE", "VOLUME"));
        Assert.That(ImageRecipe.Publish, Does.StartWith("dotnet publish Operator -c Release --os linux --arch $TARGETARCH --self-contained false -o /app "));
    }

    [Test]
    public void It_is_built_from_what_the_program_needs()
    {
        var included = ImageRecipe.Included.ToList();

        Assert.That(ImageRecipe.Parts, Is.SubsetOf(included));
        Assert.That(included.Where(i => i.Contains('/', StringComparison.Ordinal) || Directory.Exists(Path.Combine(Installation.Root, i))), Is.SubsetOf(ImageRecipe.Parts), "nothing else is sent to the builder");
    }

    [TestCase("amd64", Machine.Amd64, 0x3E)]
    [TestCase("arm64", Machine.Arm64, 0xB7)]
    public async Task What_is_published_is_compiled_and_runs_without_a_place_to_write(string architecture, Machine machine, int elf)
    {
        if (Environment.GetEnvironmentVariable("LLMKUBE_TEST_IMAGE") is not "1") Assert.Ignore("It takes minutes: make try-image.");
        var folder = Directory.CreateTempSubdirectory("image-");
        try
        {
            var app = Path.Combine(folder.FullName, "app");
            await PublishAsync(Path.Combine(folder.FullName, "source"), app, architecture);

            var files = Directory.GetFiles(app, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(app, f)).Order(StringComparer.Ordinal).ToList();
            Golden.Match("Deploy/image-files.txt", string.Concat(files.Select(f => f + "\n")));
            foreach (var file in files.Where(f => f.EndsWith(".dll", StringComparison.Ordinal)))
            {
                using var reader = new PEReader(File.OpenRead(Path.Combine(app, file)));
                Assert.That(reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size, Is.Positive, $"{file} is compiled ahead of time");
                Assert.That((Machine)((int)reader.PEHeaders.CoffHeader.Machine ^ Linux), Is.EqualTo(machine), file);
            }

            Assert.That(FileVersionInfo.GetVersionInfo(Path.Combine(app, Program + ".dll")).ProductVersion, Does.EndWith("+" + Revision));
            Assert.That((await File.ReadAllBytesAsync(Path.Combine(app, Program)))[18], Is.EqualTo(elf));
            if (RuntimeInformation.ProcessArchitecture == (architecture == "amd64" ? Architecture.X64 : Architecture.Arm64)) await TryAsync(app, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task PublishAsync(string source, string app, string architecture)
    {
        ImageRecipe.CopyContext(source);
        var start = new ProcessStartInfo("/bin/sh", ["-c", ImageRecipe.Publish.Replace(" /app ", $" '{app}' ", StringComparison.Ordinal)]) { WorkingDirectory = source };
        foreach (var inherited in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k == "IncludeSourceRevisionInInformationalVersion").ToList()) start.Environment.Remove(inherited);
        (start.Environment["TARGETARCH"], start.Environment["REVISION"]) = (architecture, Revision);
        var (code, output, errors) = await Finished.RunAsync(start, s_patience);
        Assert.That(code, Is.Zero, output + errors);
    }

    // As deploy/ runs it: nothing can be written but below one folder, by a user without rights.
    private static async Task TryAsync(string app, string folder)
    {
        var tmp = Directory.CreateDirectory(Path.Combine(folder, "tmp")).FullName;
        await using var server = await ApiServerHost.StartAsync(new ApiServerOptions());
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        server.WriteKubeconfig(kubeconfig);

        var (asked, help, _) = await ConfinedAsync(app, tmp, $"\"{app}/{Program}\" --help");
        var (verb, download, _) = await ConfinedAsync(app, tmp, $"\"{app}/{Program}\" download --help");
        var (ran, log, errors) = await ConfinedAsync(
            app, tmp, $"timeout -s TERM 30 \"{app}/{Program}\" --leader-elect --kubeconfig '{kubeconfig}' --metrics-bind-address=127.0.0.1:0 --health-probe-bind-address=127.0.0.1:0; [ $? = 124 ]");

        Assert.That((asked, verb, ran), Is.EqualTo((0, 0, 0)), help + download + log + errors);
        Assert.That(help, Does.Contain("--leader-elect").And.Contain("download"));
        Assert.That(download, Does.Contain("--target"));
        Assert.That(log, Does.Contain("leads: it holds the lease"));
    }

    private static async Task<(int Code, string Output, string Errors)> ConfinedAsync(string app, string tmp, string command)
    {
        var script = $"""
            set -e
            chmod -R a+rX "$(dirname "{app}")"
            mount -t tmpfs -o mode=1777 tmpfs "{tmp}"
            for at in $(findmnt -rno TARGET | grep -v "^{tmp}\|^/proc\|^/sys\|^/dev"); do mount -o bind,remount,ro "$at" 2>/dev/null || true; done
            exec setpriv --reuid=65532 --regid=65532 --clear-groups --inh-caps=-all /bin/sh -c '! touch "{app}/x" 2>/dev/null && touch "{tmp}/x" && {command.Replace("'", "'\\''", StringComparison.Ordinal)}'
            """;
        var start = new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", script]);
        (start.Environment["TMPDIR"], start.Environment["DOTNET_ROOT"], start.Environment["ASPNETCORE_HTTP_PORTS"]) = (tmp, s_dotnetRoot, "");
        return await Finished.RunAsync(start);
    }
}
