using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Access;

/// <summary>
/// A folder that one program uses at a time and whose leftovers it may remove. A file in it says that what has our names there is ours:
/// without it, the user has named a folder of other things.
/// </summary>
internal sealed class HeldFolder : IDisposable
{
    private readonly FileStream _marker;

    private HeldFolder(FileStream marker) => _marker = marker;

    /// <param name="path">The folder; it is made if there is none.</param>
    /// <param name="marker">The file that says so.</param>
    /// <param name="ours">What is in it by our names.</param>
    /// <param name="leftovers">Which of these an earlier program may have left, to be removed.</param>
    /// <exception cref="CannotRunException">It is someone else's, in use, or can't be written to.</exception>
    public static HeldFolder Take(string path, string marker, IEnumerable<string> ours, IEnumerable<string> leftovers)
    {
        try
        {
            Directory.CreateDirectory(path);
            var file = Path.Combine(path, marker);
            if (!File.Exists(file) && ours.FirstOrDefault(Path.Exists) is { } foreign)
            {
                throw new CannotRunException($"The folder {path} has things of someone else's ({Path.GetFileName(foreign)}), which would be removed: name another.");
            }

            var held = Hold(file, path);
            try
            {
                foreach (var left in leftovers) Remove(left);
                return new(held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"The folder {path} can't be used: {e.Message}", e);
        }
    }

    public void Dispose() => _marker.Dispose();

    private static FileStream Hold(string file, string path)
    {
        try
        {
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.Message.Contains("another process", StringComparison.Ordinal))
        {
            throw new CannotRunException($"Another program uses {path}: stop it first, or name another folder.", e);
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
