namespace LlmKube.Operator.Gguf;

/// <summary>What the list of tensors tells: where their data lies and which packing dominates.</summary>
/// <param name="DataOffset">Where tensor data begins, in bytes from the start of the file.</param>
/// <param name="DataEnd">Where the last tensor ends.</param>
/// <param name="DominantType">The packing of the most bytes; null without a tensor of a known type.</param>
internal sealed record GgufTensorList(long DataOffset, long DataEnd, string? DominantType)
{
    /// <summary>Reads the list, which ends the header.</summary>
    /// <exception cref="GgufException">A tensor is impossible.</exception>
    public static GgufTensorList Read(GgufInput input, long count, uint alignment)
    {
        var bytesOfType = new Dictionary<string, long>();
        var end = 0L;
        for (var i = 0L; i < count; i++)
        {
            var (type, tensorEnd, size) = ReadTensor(input, alignment);
            end = Math.Max(end, tensorEnd);
            if (type is not null) bytesOfType[type.Name] = bytesOfType.GetValueOrDefault(type.Name) + Math.Min(size, long.MaxValue / GgufLimits.Tensors);
        }

        var start = (input.Position + alignment - 1) / alignment * alignment;
        var dominant = bytesOfType.Count == 0 ? null : bytesOfType.MaxBy(t => t.Value).Key;
        return end <= long.MaxValue - start
            ? new GgufTensorList(start, count == 0 ? input.Position : start + end, dominant)
            : throw new GgufException("the tensor data ends beyond 2^63 bytes");
    }

    private static (TensorType? Type, long End, long Size) ReadTensor(GgufInput input, uint alignment)
    {
        var name = input.Name("a tensor's name");
        var shown = name.Length <= 64 ? name : name[..64] + "...";
        var dimensions = input.UInt32();
        if (dimensions > GgufLimits.Dimensions) throw new GgufException($"the tensor {shown} has {dimensions} dimensions, the most is {GgufLimits.Dimensions}");
        UInt128 elements = 1;
        for (var d = 0; d < dimensions; d++)
        {
            elements *= input.UInt64();
            if (elements > long.MaxValue) throw new GgufException($"the tensor {shown} has more than 2^63 elements");
        }

        var type = GgufTypes.Tensor(input.UInt32());
        var offset = input.UInt64();
        if (offset % alignment != 0) throw new GgufException($"the tensor {shown} is at {offset}, which is not a multiple of {alignment}");
        if (type is not null && elements % (UInt128)type.BlockElements != 0)
        {
            throw new GgufException($"the tensor {shown} has {elements} elements, which are no whole blocks of {type.BlockElements} ({type.Name})");
        }

        // A type newer than this reader: at least its start must be there.
        var size = type is null ? 0 : elements / (UInt128)type.BlockElements * (UInt128)type.BlockBytes;
        var end = offset + size;
        return end <= long.MaxValue ? (type, (long)end, (long)size) : throw new GgufException($"the tensor {shown} ends beyond 2^63 bytes");
    }
}
