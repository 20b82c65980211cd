using System.Text.Json.Nodes;
using KubeOps.Abstractions.Builder;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Crds;
using LlmKube.Operator.Cli.Rbac;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>A small assembly with its documentation file, compiled for one test into a folder of its own.</summary>
internal sealed class CompiledAssembly : IDisposable
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Text.Json.Serialization;
        using k8s;
        using k8s.Models;
        using KubeOps.Abstractions.Entities;
        using KubeOps.Abstractions.Entities.Attributes;
        using KubeOps.Abstractions.Rbac;

        """;

    // One compilation for all: it reads the references once.
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Sample",
        references: ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(System.IO.Path.PathSeparator)
            .Append(typeof(IOperatorBuilder).Assembly.Location)
            .Distinct()
            .Select(path => MetadataReference.CreateFromFile(path)),
        options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cli");

    private CompiledAssembly()
    {
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "Sample.dll");

    public string Folder => _folder.FullName;

    public static CompiledAssembly From(string source)
    {
        var assembly = new CompiledAssembly();
        var tree = CSharpSyntaxTree.ParseText(Usings + source, new CSharpParseOptions(LanguageVersion.CSharp14, DocumentationMode.Parse));
        var result = Empty.AddSyntaxTrees(tree).Emit(assembly.Path, xmlDocPath: System.IO.Path.ChangeExtension(assembly.Path, ".xml"));
        Assert.That(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error), Is.Empty);
        return assembly;
    }

    /// <summary>An assembly with one kind, <c>Zoo</c>, whose spec has these members.</summary>
    public static CompiledAssembly WithSpec(string members, string more = "") => From($$"""
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Zoo", PluralName = "zoos")]
        public class Zoo : CustomKubernetesEntity<ZooSpec> { }
        public class ZooSpec { {{members}} }
        {{more}}
        """);

    public IReadOnlyList<JsonObject> Crds()
    {
        using var set = AssemblySet.Open([Path]);
        return CrdBuilder.Build(set);
    }

    public JsonArray Rules()
    {
        using var set = AssemblySet.Open([Path]);
        return RbacBuilder.Build(set).Rules();
    }

    public bool IsOfCluster(string group, string resource)
    {
        using var set = AssemblySet.Open([Path]);
        return new Scopes(EntityType.DefinedIn(set).Concat(RbacBuilder.Named(set))).IsOfCluster(group, resource);
    }

    /// <summary>The schema of the only kind's first version.</summary>
    public JsonObject Schema() => (JsonObject)Crds().Single()["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;

    public JsonObject SpecSchema() => (JsonObject)Schema()["properties"]!["spec"]!;

    /// <summary>The schema of the only field of the spec.</summary>
    public JsonObject FieldSchema() => (JsonObject)((JsonObject)SpecSchema()["properties"]!).Single().Value!;

    public void Dispose() => _folder.Delete(recursive: true);
}
