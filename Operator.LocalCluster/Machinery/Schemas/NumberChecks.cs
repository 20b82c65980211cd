using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Range, step and width of a number. Integers are compared as integers: their bounds lose their fraction, as in the real server.</summary>
internal static class NumberChecks
{
    public static void Check(JsonNode node, Schema schema, string path, List<FieldError> errors)
    {
        if (JsonNumber.Read(node) is not { } number)
        {
            return;
        }

        CheckWidth(number, schema, path, errors);
        if (schema.MultipleOf is { } fraction && schema.Type is SchemaType.Number && number.Exact is not null && Whole(fraction) is 0)
        {
            // The real server cuts the step's fraction off, too, and is left without one.
            errors.Add(FieldError.Invalid(path, 0, $"factor MultipleOf declared for {path} must be positive: 0"));
        }
        else if (schema.MultipleOf is { } step && !IsMultiple(number, step))
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body should be a multiple of {Bound(number, step)}"));
        }

        if (schema.Maximum is { } most && Exceeds(Compare(number, most), schema.ExclusiveMaximum))
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Bound(number, most)}"));
        }

        if (schema.Minimum is { } least && Exceeds(-Compare(number, least), schema.ExclusiveMinimum))
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Bound(number, least)}"));
        }
    }

    private static void CheckWidth(JsonNumber number, Schema schema, string path, List<FieldError> errors)
    {
        var fits = (schema.Type, schema.Format) switch
        {
            (SchemaType.Integer, "int32") => number.IsIntegral && number.Approximate is >= int.MinValue and <= int.MaxValue,
            (SchemaType.Integer, _) => number.IsIntegral,
            (SchemaType.Number, "float") => Math.Abs(number.Approximate) <= float.MaxValue,
            _ => true,
        };
        if (!fits)
        {
            var type = schema.Type is SchemaType.Integer ? "integer" : "number";
            var format = schema.Format is null ? "(default format)" : $"with format {schema.Format}";

            // The real server reports it at the root, without the value.
            errors.Add(FieldError.Invalid("", "", $"Checked value must be of type {type} {format} in {path}"));
        }
    }

    private static bool Exceeds(int comparison, bool exclusive) => comparison > 0 || (exclusive && comparison is 0);

    private static int Compare(JsonNumber number, double bound) =>
        number.Exact is { } exact ? exact.CompareTo(Whole(bound)) : number.Approximate.CompareTo(bound);

    private static bool IsMultiple(JsonNumber number, double step)
    {
        if (number.Exact is { } exact && Whole(step) is var whole and > 0)
        {
            return exact % whole is 0;
        }

        var times = step < 1 ? 1 / step * number.Approximate : number.Approximate / step;
        return step > 0 && Math.Abs(times - Math.Round(times)) < 1e-9;
    }

    private static string Bound(JsonNumber number, double bound) =>
        number.Exact is null ? GoText.Float(bound) : Whole(bound).ToString(CultureInfo.InvariantCulture);

    private static long Whole(double bound) => bound switch
    {
        >= long.MaxValue => long.MaxValue,
        <= long.MinValue => long.MinValue,
        _ => (long)bound,
    };
}
