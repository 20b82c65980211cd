using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmKube.Operator.Hosting;

/// <summary>Which of our listeners a connection came in by; a feature of the connection. Ports don't tell: any free one may have been taken.</summary>
internal sealed class ListenerName
{
    private ListenerName() { }

    /// <summary>The listener of <c>/metrics</c>.</summary>
    public static ListenerName Metrics { get; } = new();

    /// <summary>The listener of <c>/healthz</c> and <c>/readyz</c>.</summary>
    public static ListenerName Probes { get; } = new();

    /// <summary>Lets each connection of a listener know this name.</summary>
    public void Mark(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(this);
        return next(connection);
    });
}
