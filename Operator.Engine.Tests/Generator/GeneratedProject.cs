using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;

using KubeOps.Abstractions.Builder;

using LlmKube.Operator.Generator;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace LlmKube.Operator.Engine.Tests.Generator;

/// <summary>A small project that the generator runs over: what it writes, what it says, and what comes of it.</summary>
internal sealed class GeneratedProject
{
    // Everything that this test project runs with, except the product's own generated registrations.
    private static readonly ImmutableArray<MetadataReference> Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("LlmKube.", StringComparison.Ordinal))
            .Append(typeof(IOperatorBuilder).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private const string Undocumented = "#pragma warning disable CS1591\n";

    private GeneratedProject(Compilation compilation, GeneratorDriver driver)
    {
        Driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var said);
        Input = compilation;
        Output = output;
        Said = said;
    }

    public GeneratorDriver Driver { get; }

    public Compilation Input { get; }

    public Compilation Output { get; }

    /// <summary>The generator's own diagnostics.</summary>
    public ImmutableArray<Diagnostic> Said { get; }

    /// <summary>The generated files by name.</summary>
    public IReadOnlyDictionary<string, string> Files => Driver.GetRunResult().Results.Single().GeneratedSources
        .ToDictionary(source => source.HintName, source => source.SourceText.ToString());

    /// <summary>The compiler's warnings and errors about sources and generated files together.</summary>
    public IEnumerable<string> Complaints => Output.GetDiagnostics()
        .Where(d => d.Severity >= DiagnosticSeverity.Warning)
        .Select(d => d.ToString());

    public static GeneratedProject Of(params string[] sources) => Of("Sample", null, [], sources);

    public static GeneratedProject Of(
        string name, string? generatorNamespace, IEnumerable<GeneratedProject> references, params string[] sources)
    {
        // With documentation diagnosed, public generated members without any would be warned of; the sources ask not to be.
        var parsing = new CSharpParseOptions(LanguageVersion.CSharp14, DocumentationMode.Diagnose);
        var compilation = CSharpCompilation.Create(
            name,
            sources.Select((source, i) => CSharpSyntaxTree.ParseText(Undocumented + source, parsing, $"File{i}.cs")),
            [.. Platform, .. references.Select(project => project.AsReference())],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create(
            [new KubeOpsGenerator().AsSourceGenerator()],
            optionsProvider: new Options(generatorNamespace),
            parseOptions: parsing,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new GeneratedProject(compilation, driver);
    }

    /// <summary>The same project after an edit of one file; the generator remembers its earlier run.</summary>
    public GeneratedProject Edited(int file, Func<string, string> edit)
    {
        var tree = Input.SyntaxTrees.ElementAt(file);
        var edited = tree.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From(Undocumented + edit(tree.ToString()[Undocumented.Length..])));
        return new GeneratedProject(Input.ReplaceSyntaxTree(tree, edited), Driver);
    }

    public Assembly Load()
    {
        var context = new AssemblyLoadContext(Output.AssemblyName, isCollectible: true);
        return context.LoadFromStream(Emit());
    }

    /// <summary>Whether each thing that the generator last wrote or said was taken over from the run before.</summary>
    public IEnumerable<(string Output, IncrementalStepRunReason Reason)> Reasons =>
        from step in Driver.GetRunResult().Results.Single().TrackedOutputSteps.Values.SelectMany(steps => steps)
        from output in step.Outputs
        select (output.Value.ToString() ?? "", output.Reason);

    private PortableExecutableReference AsReference() => MetadataReference.CreateFromStream(Emit());

    private MemoryStream Emit()
    {
        var image = new MemoryStream();
        var result = Output.Emit(image);
        Assert.That(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error), Is.Empty);
        image.Position = 0;
        return image;
    }

    private sealed class Options(string? generatorNamespace) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Global(generatorNamespace);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Global(string? generatorNamespace) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = generatorNamespace ?? "";
                return key == "build_property.KubeOpsGeneratorNamespace" && generatorNamespace is not null;
            }
        }
    }
}
