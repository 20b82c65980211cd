namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The commands to go on with, each to be pasted as it stands.</summary>
internal static class NextCommands
{
    /// <param name="kubectl">The program, as found.</param>
    /// <param name="isOnPath">Whether its name alone finds it.</param>
    /// <param name="folder">Where the user is.</param>
    /// <param name="service">The service's address; null if it does not serve.</param>
    /// <param name="metrics">The operator's metrics; null if its pod has no address.</param>
    public static IReadOnlyList<string> Of(string kubectl, bool isOnPath, string kubeconfig, string folder, Uri? service, Uri? metrics)
    {
        var program = $"{(isOnPath ? "kubectl" : Shell(Short(kubectl, folder)))} --kubeconfig {Shell(Short(kubeconfig, folder))}";
        List<string> commands =
        [
            $"{program} get mdl,isvc",
            $"{program} get pods -A -o wide",
            $"{program} describe isvc {Sample.Name}",
            $"{program} logs deploy/{Sample.Name}",
            $"{program} logs -n llmkube-system deploy/llmkube-operator",
        ];
        if (service is not null) commands.Add($$"""curl -s {{new Uri(service, "/v1/chat/completions")}} -d '{"messages":[{"role":"user","content":"Hello"}],"max_tokens":32}'""");
        if (metrics is not null) commands.Add($"""curl -sk {metrics} -H "Authorization: Bearer $({program} config view --raw -o 'jsonpath={"{.users[0].user.token}"}')" | grep ^llmkube_""");
        return commands;
    }

    /// <summary>A path as the user would type it: relative where it is below the current folder.</summary>
    public static string Short(string path, string folder)
    {
        var relative = Path.GetRelativePath(folder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? path : relative;
    }

    // What a shell would take for something else goes into single quotes.
    private static string Shell(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+' or '=') ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
