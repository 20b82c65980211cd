using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Verbs;

/// <summary>Where the next page begins; opaque to clients.</summary>
internal sealed record ContinueToken(long Revision, string Key)
{
    public static ContinueToken Parse(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            if (ObjectReader.Parse(Convert.FromBase64String(padded)) is JsonObject json && json.Number("rv") is { } revision && json.Text("start") is { } key)
            {
                return new(revision, key.TrimEnd('\0'));
            }
        }
        catch (FormatException)
        {
            throw Malformed();
        }

        throw Malformed();
    }

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = Key + "\0" };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString())).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static ApiException Malformed() => ApiException.BadRequest("continue key is not valid: illegal base64 data");
}
