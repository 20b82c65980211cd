namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>Makes names from metadata.generateName: five letters and digits that spell no words and look alike in no font.</summary>
internal sealed class NameGenerator(Random random)
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int Suffix = 5, Longest = 63;

    private readonly Lock _gate = new();

    public string From(string prefix)
    {
        var kept = prefix.Length > Longest - Suffix ? prefix[..(Longest - Suffix)] : prefix;
        lock (_gate) return kept + new string(random.GetItems<char>(Alphabet, Suffix));
    }
}
