using System.Buffers.Binary;
using System.Text;

namespace LlmKube.Operator.Gguf;

/// <summary>Reads a header's little-endian primitives from a stream, through one buffer, never beyond the limits.</summary>
internal sealed class GgufInput
{
    private const int BufferSize = 64 * 1024;

    // What is not valid UTF-8 becomes U+FFFD: names are for people, and a broken one is no reason to refuse a model.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private readonly Stream _stream;
    private readonly long _end;
    private readonly long? _length;
    private readonly byte[] _buffer = new byte[BufferSize];
    private int _at;
    private int _filled;

    /// <param name="stream">Positioned at the file's first byte.</param>
    /// <param name="length">The file's length, where it is known.</param>
    public GgufInput(Stream stream, long? length)
    {
        _stream = stream;
        _length = length;
        _end = Math.Min(length ?? long.MaxValue, GgufLimits.HeaderBytes);
    }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    private long Left => _end - Position;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A count, refused if it is above <paramref name="most"/> or can't fit into what is left.</summary>
    /// <param name="what">For the message.</param>
    /// <param name="most">The limit.</param>
    /// <param name="itemBytes">The least that one item takes.</param>
    public long Count(string what, long most, int itemBytes)
    {
        var count = UInt64();
        if (count > (ulong)most) throw new GgufException($"the file claims {count} {what}, the most is {most}");
        if ((long)count > Left / itemBytes) throw Short($"{count} {what}");
        return (long)count;
    }

    /// <summary>A text of which at most <see cref="GgufLimits.TextBytes"/> bytes are kept.</summary>
    public string Text()
    {
        var length = TextLength();
        var kept = (int)Math.Min(length, GgufLimits.TextBytes);
        var text = Utf8.GetString(Take(kept));
        Skip(length - kept);
        return length > kept ? text.TrimEnd('\uFFFD') : text;
    }

    /// <summary>A key or a tensor's name.</summary>
    public string Name(string what)
    {
        var length = TextLength();
        if (length > GgufLimits.NameBytes) throw new GgufException($"{what} at byte {Position} is {length} bytes long, the most is {GgufLimits.NameBytes}");
        return Utf8.GetString(Take((int)length));
    }

    public void SkipText() => Skip(TextLength());

    /// <summary>Passes over bytes without keeping them.</summary>
    public void Skip(long count)
    {
        if (count > Left) throw Short($"{count} bytes");
        while (count > 0)
        {
            if (_at == _filled) Fill(1);
            var step = (int)Math.Min(count, _filled - _at);
            _at += step;
            Position += step;
            count -= step;
        }
    }

    private long TextLength()
    {
        var length = UInt64();
        return length > (ulong)Left ? throw Short($"a text of {length} bytes") : (long)length;
    }

    // The span is valid until the next read. Never asked for more than the buffer holds: NameBytes is below its size.
    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left) throw Short($"{count} bytes");
        if (_filled - _at < count) Fill(count);
        var taken = _buffer.AsSpan(_at, count);
        _at += count;
        Position += count;
        return taken;
    }

    private void Fill(int atLeast)
    {
        _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
        _filled -= _at;
        _at = 0;
        while (_filled < atLeast)
        {
            var read = _stream.Read(_buffer, _filled, BufferSize - _filled);
            if (read == 0) throw Truncated();
            _filled += read;
        }
    }

    private GgufException Short(string what) => _end == _length
        ? new GgufException($"{what} at byte {Position} do not fit into the file of {_length} bytes: it is truncated, or not a GGUF file")
        : new GgufException($"{what} at byte {Position} go beyond the {GgufLimits.HeaderBytes} bytes that a header may have");

    private GgufException Truncated() => new($"the file ends at byte {Position + _filled - _at}, within its header: it is truncated");
}
