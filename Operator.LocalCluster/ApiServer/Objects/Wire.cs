using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>How objects are written: compact, and readable where JSON allows it.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };
}
