using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;

namespace LlmKube.Operator.Tracing;

/// <summary>
/// The trace of one generation of an object: everything that is done to bring it about. Its id is made of uid and generation, so that an
/// operator which is started anew goes on with it, and another object's trace can be linked to without having seen a span of it.
/// </summary>
internal static class ObjectTrace
{
    /// <summary>The id of the trace.</summary>
    public static ActivityTraceId IdOf(V1ObjectMeta of) => ActivityTraceId.CreateFromBytes(Hash(of).AsSpan(0, 16));

    /// <summary>A link to the trace as a whole. A link has to name a span; no span has this one's id.</summary>
    public static ActivityLink LinkTo(V1ObjectMeta of)
    {
        var hash = Hash(of);
        var context = new ActivityContext(
            ActivityTraceId.CreateFromBytes(hash.AsSpan(0, 16)), ActivitySpanId.CreateFromBytes(hash.AsSpan(16, 8)), ActivityTraceFlags.None, isRemote: true);
        return new ActivityLink(context, new ActivityTagsCollection { [SpanAttributes.Uid] = of.Uid, [SpanAttributes.Generation] = of.Generation });
    }

    private static byte[] Hash(V1ObjectMeta of) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{of.Uid}/{of.Generation ?? 0}")));
}
