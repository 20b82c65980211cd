using System.Buffers.Binary;
using System.Text;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;

namespace LlmKube.Operator.LocalCluster.ApiServer.Protobuf;

/// <summary>Reads the wire format of protobuf: tags, varints, and runs of bytes.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool AtEnd => _rest.IsEmpty;

    /// <summary>The next field's number and wire type.</summary>
    public (int Number, int WireType) Tag()
    {
        var tag = Varint();
        return ((int)(tag >> 3), (int)(tag & 7));
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var (i, shift) = (0, 0); i < _rest.Length && shift < 70; i++, shift += 7)
        {
            value |= (ulong)(_rest[i] & 0x7f) << shift;
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Malformed();
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        if (length > (ulong)_rest.Length) throw Malformed();
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public double Double()
    {
        if (_rest.Length < 8) throw Malformed();
        var value = BinaryPrimitives.ReadDoubleLittleEndian(_rest);
        _rest = _rest[8..];
        return value;
    }

    public void Skip(int wireType)
    {
        switch (wireType)
        {
            case 0:
                Varint();
                break;
            case 1:
                Double();
                break;
            case 2:
                Bytes();
                break;
            case 5 when _rest.Length >= 4:
                _rest = _rest[4..];
                break;
            default:
                throw Malformed();
        }
    }

    private static ApiException Malformed() => ApiException.BadRequest("the protobuf body is malformed");
}
