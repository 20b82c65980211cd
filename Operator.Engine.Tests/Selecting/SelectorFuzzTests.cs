using CsCheck;
using LlmKube.Operator.Engine.Selecting;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

namespace LlmKube.Operator.Engine.Tests.Selecting;

/// <summary>
/// What the engine answers from its store against what the API server would have answered: the local one's parsers, which are
/// compared with Kubernetes' own (ApimachineryTests).
/// </summary>
public class SelectorFuzzTests
{
    [Test, Category("Fuzz")]
    public void A_label_selector_is_understood_and_selects_as_the_api_server_has_it() => Gen.Select(SelectorTexts.AnyLabel, SelectorTexts.Labels).Sample(
        (text, labels) =>
        {
            var served = Served(() => LabelSelector.Parse(text));
            var isUnderstood = served?.Requirements.All(r => r.Operator is not (LabelOperator.GreaterThan or LabelOperator.LessThan)) is true;
            return LabelExpression.TryParse(text, out var expression) == isUnderstood
                && (expression is null || expression.Matches(labels) == served!.Matches(labels));
        },
        TestContext.Out.WriteLine,
        iter: 20_000);

    [Test, Category("Fuzz")]
    public void What_a_containing_label_selector_selects_the_contained_one_selects_too() =>
        Gen.Select(SelectorTexts.Label, SelectorTexts.Label, Gen.Bool, SelectorTexts.Labels).Sample(
            (one, other, isBoth, labels) => !LabelExpression.TryParse(isBoth ? $"{one},{other}" : one, out var asked) || !LabelExpression.TryParse(other, out var known)
                || !asked.Contains(known) || !asked.Matches(labels) || known.Matches(labels),
            TestContext.Out.WriteLine,
            iter: 20_000);

    [Test, Category("Fuzz")]
    public void A_field_selector_selects_as_the_api_server_has_it() => Gen.Select(SelectorTexts.AnyField, SelectorTexts.FieldsOfOne).Sample(
        (text, fields) => !FieldExpression.TryParse(text, out var expression)
            || (Served(() => FieldSelector.Parse(text)) is { } served
                && expression.Matches(field => fields.GetValueOrDefault(field, "")) == served.Matches(field => fields.GetValueOrDefault(field, ""))),
        TestContext.Out.WriteLine,
        iter: 20_000);

    [Test, Category("Fuzz")]
    public void What_is_beyond_a_field_selector_is_all_that_is_left_to_try() =>
        Gen.Select(SelectorTexts.Field, SelectorTexts.Field, Gen.Bool, SelectorTexts.FieldsOfOne).Sample(
            (one, other, isBoth, fields) =>
            {
                if (!FieldExpression.TryParse(isBoth ? $"{one},{other}" : one, out var asked) || !FieldExpression.TryParse(other, out var known)) return true;
                return !known.Matches(ValueOf) || asked.Matches(ValueOf) == asked.Beyond(known).Matches(ValueOf);

                string ValueOf(string field) => fields.GetValueOrDefault(field, "");
            },
            TestContext.Out.WriteLine,
            iter: 20_000);

    // Null where the API server would answer 400.
    private static T? Served<T>(Func<T> parse) where T : class
    {
        try
        {
            return parse();
        }
        catch (SelectorException)
        {
            return null;
        }
    }
}
