using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>allOf, anyOf, oneOf and not: conditions on a value on top of its structure.</summary>
internal static class SchemaBranches
{
    public delegate void Checker(JsonNode? node, Schema schema, string path, List<FieldError> errors);

    public static void Check(JsonNode node, Schema schema, string path, List<FieldError> errors, Checker check)
    {
        List<FieldError> Errors(Schema branch)
        {
            var found = new List<FieldError>();
            check(node, branch, path, found);
            return found;
        }

        // The real server reports these at the root, whatever the path; the text names the field.
        void Add(string what) => errors.Add(FieldError.Invalid("", "", $"{GoText.Quote(path)} must {what}"));

        if (schema.AnyOf.Count > 0)
        {
            var outcomes = schema.AnyOf.Select(Errors).ToList();
            if (outcomes.TrueForAll(outcome => outcome.Count > 0))
            {
                Add("validate at least one schema (anyOf)");
                errors.AddRange(outcomes[0]);
            }
        }

        if (schema.OneOf.Count > 0)
        {
            var outcomes = schema.OneOf.Select(Errors).ToList();
            var valid = outcomes.Count(outcome => outcome.Count is 0);
            if (valid != 1)
            {
                Add($"validate one and only one schema (oneOf). {(valid is 0 ? "Found none valid" : $"Found {valid} valid alternatives")}");
                errors.AddRange(valid is 0 ? outcomes[0] : []);
            }
        }

        if (schema.AllOf.Count > 0)
        {
            var outcomes = schema.AllOf.Select(Errors).ToList();
            errors.AddRange(outcomes.SelectMany(outcome => outcome));
            if (outcomes.Exists(outcome => outcome.Count > 0))
            {
                Add($"validate all the schemas (allOf){(outcomes.Exists(outcome => outcome.Count is 0) ? "" : ". None validated")}");
            }
        }

        if (schema.Not is { } not && Errors(not).Count is 0)
        {
            Add("not validate the schema (not)");
        }
    }
}
