namespace LlmKube.Operator.Cli.Commands;

/// <summary>What the user has to know, in one line. Ends the program with exit code 2.</summary>
internal sealed class CliException : Exception
{
    public CliException(string message)
        : base(message)
    {
    }

    public CliException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
