using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Length, pattern and format of a string.</summary>
internal static class StringChecks
{
    public static void Check(JsonNode node, Schema schema, string path, List<FieldError> errors)
    {
        if (node.AsText() is not { } text)
        {
            return;
        }

        var length = text.EnumerateRunes().Count();
        if (length > schema.MaxLength)
        {
            errors.Add(FieldError.TooLong(path, schema.MaxLength.Value));
        }

        if (length < schema.MinLength)
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should be at least {schema.MinLength} chars long"));
        }

        if (schema.Pattern is { } pattern && !GoPattern.IsMatch(pattern, text))
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should match '{pattern}'"));
        }

        if (schema.Format is { } format && !StringFormats.Accepts(format, text))
        {
            errors.Add(FieldError.TypeInvalid(path, text, $"{path} in body must be of type {format}: {GoText.Quote(text)}"));
        }
    }
}
