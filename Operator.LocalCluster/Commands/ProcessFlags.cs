using System.CommandLine;
using LlmKube.Operator.LocalCluster.Nodes.Processes;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>The options of verbs whose pods may be processes: they are if a program stands for an image.</summary>
internal sealed class ProcessFlags
{
    private readonly Option<string[]> _images = new("--image")
    {
        Description = "PATTERN=PROGRAM [ARGUMENT...]: pods are processes of this machine, and this program stands for images of that name (with * and ?). Can be given more than once, the first that matches counts.",
        HelpName = "PATTERN=PROGRAM",
    };

    private readonly Option<string> _folder = new("--folder")
    {
        Description = "Where processes have their volumes and files.",
        DefaultValueFactory = _ => ".cluster",
    };

    public ProcessFlags() => _images.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (Parse(token.Value) is not { } image) result.AddError($"--image must be PATTERN=PROGRAM [ARGUMENT...], not \"{token.Value}\".");
            else if (image.Program.Contains('/', StringComparison.Ordinal) && !File.Exists(image.Program)) result.AddError($"--image: there is no program {image.Program}.");
        }
    });

    public IReadOnlyList<Option> All => [_images, _folder];

    /// <returns>Null if no program stands for any image: pods then only pretend.</returns>
    public ProcessOptions? Read(ParseResult parsed)
    {
        var images = parsed.GetValue(_images) ?? [];
        return images.Length == 0 ? null : new() { Folder = Path.GetFullPath(parsed.GetValue(_folder)!), Images = [.. images.Select(i => Parse(i)!)] };
    }

    // Processes start in folders of their own: what is a file here is named so that it is one there.
    private static ImageProgram? Parse(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } pattern, var line] || line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var program, .. var arguments]) return null;
        return new(pattern, program.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(program) : program, [.. arguments.Select(a => File.Exists(a) ? Path.GetFullPath(a) : a)]);
    }
}
