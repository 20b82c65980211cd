using System.CommandLine;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Manifests;

namespace LlmKube.Operator.Cli.Commands;

/// <summary><c>generate operator NAME ASSEMBLY...</c>: CRDs and RBAC.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var generate = new Command("generate", "Generate manifests.");
        generate.Aliases.Add("gen");
        generate.Aliases.Add("g");
        generate.Subcommands.Add(Operator());
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
}
