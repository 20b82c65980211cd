namespace LlmKube.Operator.Entities;

/// <summary>How a pod that is to end waits for the requests that it is answering.</summary>
public static class DrainModes
{
    /// <summary>Until there are none, as the server's own metrics tell; a script in the container asks them, with sh and curl.</summary>
    public const string Idle = "Idle";

    /// <summary>Always for the whole time. Needs nothing in the image.</summary>
    public const string Sleep = "Sleep";
}
