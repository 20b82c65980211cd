using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>How the API server is to run.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The loopback port; 0 takes any that is free.</summary>
    public int Port { get; init; }

    /// <summary>The clock of timestamps, bookmarks and watch timeouts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The users beside the administrator, who always exists.</summary>
    public IReadOnlyList<ApiToken> Tokens { get; init; } = [];

    /// <summary>The administrator's token; null makes a random one.</summary>
    public string? AdminToken { get; init; }

    /// <summary>The IPv4 addresses that services get as cluster IPs; its first ten are left to whoever asks for them.</summary>
    public IPNetwork ServiceRange
    {
        get;
        init => field = value is { BaseAddress.AddressFamily: AddressFamily.InterNetwork, PrefixLength: >= 8 and <= 27 }
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "must be of IPv4 with a prefix of 8 to 27 bits");
    } = IPNetwork.Parse("10.96.0.0/16");

    /// <summary>How many changes of each resource are kept: a list or watch from before them is answered with 410 Gone.</summary>
    public int History { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must not be negative"); } = 10_000;

    /// <summary>How many of the newest requests <see cref="ApiServerHost.Requests"/> keeps at least (some hundred bytes each).</summary>
    public int RequestsKept { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must not be negative"); } = 100_000;

    /// <summary>The time between two bookmarks of a watch.</summary>
    public TimeSpan BookmarkInterval { get; init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must be positive"); } = TimeSpan.FromMinutes(1);

    /// <summary>How long a watch lasts that names no timeout.</summary>
    public TimeSpan LongestWatch { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>How a watch from before the history is told that it is too late.</summary>
    public ExpiredWatch ExpiredWatch { get; init; } = ExpiredWatch.ErrorEvent;

    /// <summary>Where the server's own faults are logged.</summary>
    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Where random names come from; seed it to get the same names again.</summary>
    public int? Seed { get; init; }
}
