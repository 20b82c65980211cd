using System.CommandLine;

namespace LlmKube.Operator.Cli.Commands;

/// <summary>The built assemblies that a command reads.</summary>
internal static class AssemblyArgument
{
    public static Argument<string[]> Create() => new("assemblies")
    {
        Description = "The built assemblies (.dll) with the entities and controllers. They are read, none of their code runs.",
        Arity = ArgumentArity.OneOrMore,
    };
}
