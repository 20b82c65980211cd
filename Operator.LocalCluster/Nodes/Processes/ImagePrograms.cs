using System.IO.Enumeration;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>Finds the program that stands for an image; the first pattern that matches wins.</summary>
internal sealed class ImagePrograms(IReadOnlyList<ImageProgram> images)
{
    public ImageProgram? Find(string? image) => images.FirstOrDefault(i => FileSystemName.MatchesSimpleExpression(i.Pattern, image ?? "", ignoreCase: false));
}
