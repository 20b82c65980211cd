namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Reads the text form of a label selector, token by token.</summary>
internal sealed class LabelSelectorReader(string text)
{
    private const string Symbols = "=!<>(),";
    private const string Blanks = " \t\r\n";

    private int _at;

    public List<LabelRequirement> Read()
    {
        var requirements = new List<LabelRequirement>();
        if (Peek() is "")
        {
            return requirements;
        }

        while (true)
        {
            requirements.Add(ReadRequirement());
            var separator = Next();
            if (separator is "")
            {
                return requirements;
            }

            if (separator is not ",")
            {
                throw Unexpected(separator, "',' or 'end of string'");
            }

            if (Peek() is "")
            {
                throw Unexpected("", "identifier after ','");
            }
        }
    }

    private LabelRequirement ReadRequirement()
    {
        var first = Next();
        if (first is "!")
        {
            return new(CheckedKey(Next()), LabelOperator.DoesNotExist, []);
        }

        var key = CheckedKey(first);
        if (Peek() is "" or ",")
        {
            return new(key, LabelOperator.Exists, []);
        }

        var name = Next();
        return name switch
        {
            "in" => new(key, LabelOperator.In, ReadSet()),
            "notin" => new(key, LabelOperator.NotIn, ReadSet()),
            "=" or "==" => new(key, LabelOperator.In, [ReadValue()]),
            "!=" => new(key, LabelOperator.NotIn, [ReadValue()]),
            ">" => new(key, LabelOperator.GreaterThan, [ReadNumber()]),
            "<" => new(key, LabelOperator.LessThan, [ReadNumber()]),
            _ => throw Unexpected(name, "in, notin, =, ==, !=, gt, lt"),
        };
    }

    private List<string> ReadSet()
    {
        if (Next() is not "(" and var wrong)
        {
            throw Unexpected(wrong, "'('");
        }

        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            // An empty place is the empty value: "in (,)" holds it once.
            values.Add(Peek() is "," or ")" ? "" : CheckedValue(Next()));
            switch (Next())
            {
                case ")":
                    return [.. values];
                case ",":
                    break;
                case var other:
                    throw Unexpected(other, "',' or ')'");
            }
        }
    }

    private string ReadValue() => Peek() is "" or "," ? "" : CheckedValue(Next());

    private string ReadNumber()
    {
        var value = ReadValue();
        return long.TryParse(value, out _)
            ? value
            : throw new SelectorException($"values[0]: Invalid value: {GoText.Quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer");
    }

    private static string CheckedKey(string key) => LabelSyntax.IsKey(key)
        ? key
        : throw new SelectorException(key is "" || Symbols.Contains(key[0], StringComparison.Ordinal)
            ? $"unable to parse requirement: found '{key}', expected: identifier"
            : $"unable to parse requirement: key: Invalid value: {GoText.Quote(key)}: {LabelSyntax.KeyRule}");

    private static string CheckedValue(string value) => LabelSyntax.IsValue(value)
        ? value
        : throw new SelectorException($"unable to parse requirement: values[0]: Invalid value: {GoText.Quote(value)}: {LabelSyntax.ValueRule}");

    private static SelectorException Unexpected(string found, string expected) =>
        new($"unable to parse requirement: found '{found}', expected: {expected}");

    private string Peek()
    {
        var before = _at;
        var token = Next();
        _at = before;
        return token;
    }

    private string Next()
    {
        while (_at < text.Length && Blanks.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        var start = _at;
        if (_at >= text.Length)
        {
            return "";
        }

        if (Symbols.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
            if (text[start] is '=' or '!' && _at < text.Length && text[_at] is '=')
            {
                _at++;
            }

            return text[start.._at];
        }

        while (_at < text.Length && !Blanks.Contains(text[_at], StringComparison.Ordinal) && !Symbols.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        return text[start.._at];
    }
}
