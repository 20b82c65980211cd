using System.Globalization;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;

namespace LlmKube.Operator.LocalCluster.ApiServer.Requests;

/// <summary>resourceVersion parameters, which a client must treat as opaque and this server reads as revisions.</summary>
internal static class Revisions
{
    public static long Parse(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
        ? revision
        : throw ApiException.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
}
