using System.Globalization;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>A span as a collector gets it, decoded from OTLP (opentelemetry/proto/trace/v1/trace.proto).</summary>
internal sealed record ReceivedSpan
{
    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    /// <summary>Empty: it is a root.</summary>
    public string ParentId { get; init; } = "";

    public required string Name { get; init; }

    /// <summary>1 internal, 2 server, 3 client, 5 consumer.</summary>
    public int Kind { get; init; }

    public ulong StartNanoseconds { get; init; }

    public ulong EndNanoseconds { get; init; }

    /// <summary>2 is an error.</summary>
    public int Status { get; init; }

    /// <summary>What is said of the error.</summary>
    public string StatusMessage { get; init; } = "";

    /// <summary>What happened meanwhile.</summary>
    public IReadOnlyList<(string Name, IReadOnlyDictionary<string, string> Attributes)> Events { get; init; } = [];

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    public IReadOnlyList<(string TraceId, string SpanId, IReadOnlyDictionary<string, string> Attributes)> Links { get; init; } = [];

    /// <summary>Attributes of the process that sent it.</summary>
    public required IReadOnlyDictionary<string, string> Resource { get; init; }

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <summary>Every text in it, wherever it is.</summary>
    public IEnumerable<string> Texts =>
    [
        Name,
        StatusMessage,
        .. Attributes.Values,
        .. Resource.Values,
        .. Events.SelectMany(e => e.Attributes.Values.Prepend(e.Name)),
        .. Links.SelectMany(l => l.Attributes.Values),
    ];

    /// <summary>All spans of an ExportTraceServiceRequest.</summary>
    public static IReadOnlyList<ReceivedSpan> Decode(ReadOnlyMemory<byte> request)
    {
        List<ReceivedSpan> spans = [];
        foreach (var resourceSpans in ProtobufReader.Read(request).Where(f => f.Number == 1))
        {
            var fields = ProtobufReader.Read(resourceSpans.Bytes).ToList();
            var resource = fields.Where(f => f.Number == 1).Select(f => AttributesOf(f.Bytes, 1)).FirstOrDefault() ?? new Dictionary<string, string>();
            foreach (var scopeSpans in fields.Where(f => f.Number == 2))
            {
                spans.AddRange(ProtobufReader.Read(scopeSpans.Bytes).Where(f => f.Number == 2).Select(f => DecodeSpan(f.Bytes, resource)));
            }
        }

        return spans;
    }

    private static ReceivedSpan DecodeSpan(ReadOnlyMemory<byte> span, IReadOnlyDictionary<string, string> resource)
    {
        var fields = ProtobufReader.Read(span).ToLookup(f => f.Number);
        var status = ProtobufReader.Read(fields[15].FirstOrDefault().Bytes).ToLookup(f => f.Number);
        return new ReceivedSpan
        {
            TraceId = fields[1].Single().Hex,
            SpanId = fields[2].Single().Hex,
            ParentId = fields[4].FirstOrDefault().Hex,
            Name = fields[5].Single().Text,
            Kind = (int)fields[6].FirstOrDefault().Value,
            StartNanoseconds = fields[7].Single().Value,
            EndNanoseconds = fields[8].Single().Value,
            Status = (int)status[3].FirstOrDefault().Value,
            StatusMessage = status[2].FirstOrDefault().Text,
            Events = [.. fields[11].Select(f => (ProtobufReader.Read(f.Bytes).Single(p => p.Number == 2).Text, (IReadOnlyDictionary<string, string>)AttributesOf(f.Bytes, 3)))],
            Attributes = AttributesOf(span, 9),
            Links = [.. fields[13].Select(f => DecodeLink(f.Bytes))],
            Resource = resource,
        };
    }

    private static (string TraceId, string SpanId, IReadOnlyDictionary<string, string> Attributes) DecodeLink(ReadOnlyMemory<byte> link)
    {
        var fields = ProtobufReader.Read(link).ToLookup(f => f.Number);
        return (fields[1].Single().Hex, fields[2].Single().Hex, AttributesOf(link, 4));
    }

    private static Dictionary<string, string> AttributesOf(ReadOnlyMemory<byte> message, int field) => ProtobufReader.Read(message)
        .Where(f => f.Number == field)
        .Select(f => ProtobufReader.Read(f.Bytes).ToLookup(p => p.Number))
        .ToDictionary(p => p[1].Single().Text, p => ValueOf(p[2].FirstOrDefault().Bytes));

    private static string ValueOf(ReadOnlyMemory<byte> any)
    {
        var value = ProtobufReader.Read(any).FirstOrDefault();
        return value.Number switch
        {
            1 => value.Text,
            2 => value.Value == 0 ? "false" : "true",
            3 => ((long)value.Value).ToString(CultureInfo.InvariantCulture),
            4 => BitConverter.UInt64BitsToDouble(value.Value).ToString(CultureInfo.InvariantCulture),
            _ => $"(kind {value.Number})",
        };
    }
}
