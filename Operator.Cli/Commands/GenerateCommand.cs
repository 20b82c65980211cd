using System.CommandLine;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Manifests;
using LlmKube.Operator.Cli.Notices;
using LlmKube.Operator.Cli.Reference;

namespace LlmKube.Operator.Cli.Commands;

/// <summary><c>generate operator NAME ASSEMBLY...</c>: CRDs and RBAC. <c>generate reference ASSEMBLY...</c>: a page about the kinds. <c>generate notices</c>: those of packages.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var generate = new Command("generate", "Generate manifests and documentation.");
        generate.Aliases.Add("gen");
        generate.Aliases.Add("g");
        generate.Subcommands.Add(Operator());
        generate.Subcommands.Add(Reference());
        generate.Subcommands.Add(Notices());
        return generate;
    }

    private static Command Operator()
    {
        var name = new Argument<string>("name") { Description = "The operator's name, which its roles and their bindings get." };
        var assemblies = AssemblyArgument.Create();
        var output = new Option<string?>("--out", "-o") { Description = "The folder to write to: crds/ and rbac/. Default: standard output." };
        var format = new Option<ManifestFormat>("--format") { Description = "Yaml or Json.", DefaultValueFactory = _ => ManifestFormat.Yaml };
        var clear = new Option<bool>("--clear-out") { Description = "Delete manifests in crds/ and rbac/ of the folder that are no longer generated." };
        var account = new Option<string?>("--service-account") { Description = "The service account that the role is bound to. Default: the operator's name." };
        var space = new Option<string?>("--namespace", "-n") { Description = "The namespace of the service account. Default: NAME-system." };

        var prefix = new Option<string?>("--role-prefix") { Description = "What the names of the roles for users begin with, as in PREFIX-model-viewer-role. Default: the operator's name." };

        var command = new Command("operator", "Write CustomResourceDefinitions, the operator's ServiceAccount with its roles, and roles for users from built assemblies.")
        {
            name, assemblies, output, format, clear, account, space, prefix,
        };
        command.Aliases.Add("op");
        command.SetAction(arguments =>
        {
            var operatorName = arguments.GetRequiredValue(name);
            var names = new OperatorNames(
                operatorName, arguments.GetValue(account) ?? operatorName, arguments.GetValue(space) ?? operatorName + "-system", arguments.GetValue(prefix) ?? operatorName);
            using var set = AssemblySet.Open(arguments.GetRequiredValue(assemblies));
            var chosen = arguments.GetValue(format);
            var files = OperatorManifests.Build(set, names, chosen);
            var console = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(output) is { } folder)
            {
                foreach (var path in OutputFolder.Write(folder, files, chosen, arguments.GetValue(clear))) console.WriteLine(path);
            }
            else
            {
                var manifests = files.Where(OperatorManifests.IsApplied).Select(f => chosen.Write(f.Content));
                console.Write(string.Join(chosen == ManifestFormat.Yaml ? "---\n" : string.Empty, manifests));
            }

            return 0;
        });
        return command;
    }
    private static Command Reference()
    {
        var assemblies = AssemblyArgument.Create();
        var constants = new Option<string[]>("--constants") { Description = "A class whose text constants are part of the API: their values and meaning get a table.", DefaultValueFactory = _ => [] };
        var selectable = new Option<string[]>("--selectable") { Description = "A field that objects can be selected by, as DEFINITION=.path.", DefaultValueFactory = _ => [] };
        var command = new Command("reference", "Print a page about the kinds that built assemblies define, as Markdown.") { assemblies, constants, selectable };
        command.SetAction(arguments =>
        {
            using var set = AssemblySet.Open(arguments.GetRequiredValue(assemblies));
            arguments.InvocationConfiguration.Output.Write(ReferencePage.Of(set, arguments.GetRequiredValue(constants), arguments.GetRequiredValue(selectable)));
        });
        return command;
    }
    private static Command Notices()
    {
        var dependencies = new Argument<string>("dependencies") { Description = "The .deps.json of the built program." };
        var assets = new Argument<string>("assets") { Description = "Its project.assets.json." };
        var introduction = new Option<string>("--introduction") { Description = "A file with what stands before the packages.", Required = true };
        var command = new Command("notices", "Print the notices that the licences of a program's packages ask for.") { dependencies, assets, introduction };
        command.SetAction(arguments =>
        {
            var packages = ShippedPackage.Of(arguments.GetRequiredValue(dependencies), arguments.GetRequiredValue(assets));
            arguments.InvocationConfiguration.Output.Write(NoticesPage.Of(File.ReadAllText(arguments.GetRequiredValue(introduction)), packages));
        });
        return command;
    }
}
