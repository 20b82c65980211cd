using System.Reflection;
using System.Text.Json;
using CsCheck;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

/// <summary>
/// Our parsers of quantities and selectors against Kubernetes' own, on generated texts. The answers are recorded; where
/// LLMKUBE_TEST_APIMACHINERY names the program that gave them (build/apimachinery), fresh texts go to both.
/// </summary>
public sealed class ApimachineryTests
{
    private const int Recorded = 700;

    private static readonly Dictionary<string, Gen<Question>> Questions = new()
    {
        // The real one computes with ten million digits where an exponent asks for them.
        ["quantity"] = Gen.Select(QuantityTexts.Any.Where(text => !HasHugeExponent(text)), QuantityTexts.Valid, (text, other) => new Question("quantity", text, other)),
        ["labels"] = Gen.Select(SelectorTexts.AnyLabel, SelectorTexts.Labels, (text, labels) => new Question("labels", text, Set: labels)),
        ["fields"] = Gen.Select(SelectorTexts.AnyField, SelectorTexts.FieldsOfOne, (text, fields) => new Question("fields", text, Set: fields)),
    };

    private static readonly string Golden = Path.Combine(
        typeof(ApimachineryTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key is "GoldenFolder").Value!,
        "Machinery",
        "apimachinery.jsonl");

    [TestCase("quantity")]
    [TestCase("labels")]
    [TestCase("fields")]
    public void Answers_as_apimachinery_did(string kind)
    {
        var recorded = File.ReadLines(Golden).Select(line => JsonSerializer.Deserialize<RecordedVerdict>(line, Apimachinery.Json)!).Where(one => one.Question.Kind == kind).ToList();
        Assert.That(recorded, Has.Count.GreaterThanOrEqualTo(Recorded));
        Assert.That(recorded.Where(one => Answer(one.Question) != one.Verdict).Select(one => $"{one.Question}: {Answer(one.Question)}, not {one.Verdict}"), Is.Empty);
    }

    [TestCase("quantity"), Category("Fuzz")]
    [TestCase("labels")]
    [TestCase("fields")]
    public void Answers_as_apimachinery_does(string kind)
    {
        using var apimachinery = Start();
        Questions[kind].Sample(
            question => Answer(question) == apimachinery.Ask(question),
            TestContext.Out.WriteLine,
            iter: 2_000,
            print: question => $"{JsonSerializer.Serialize(question, Apimachinery.Json)}: here {Answer(question)}, there {apimachinery.Ask(question)}");
    }

    [Test, Explicit("writes what the first test reads")]
    public void Records_what_apimachinery_answers()
    {
        using var apimachinery = Start();
        File.WriteAllLines(Golden, Questions.Values
            .SelectMany(questions => Enumerable.Range(0, Recorded).Select(_ => questions.Single()))
            .Select(question => JsonSerializer.Serialize(new RecordedVerdict(question, apimachinery.Ask(question)), Apimachinery.Json)));
    }

    private static Verdict Answer(Question question)
    {
        try
        {
            return question.Kind switch
            {
                "quantity" when Quantity.TryParse(question.Text, out var quantity) => new(
                    true,
                    quantity.ToString(),
                    Quantity.TryParse(question.Other, out var other) ? quantity.CompareTo(other) : null),
                "labels" => new(true, Matches: LabelSelector.Parse(question.Text).Matches(question.Set!)),
                "fields" => new(true, Matches: FieldSelector.Parse(question.Text).Matches(field => question.Set!.GetValueOrDefault(field, ""))),
                _ => new(false),
            };
        }
        catch (SelectorException)
        {
            return new(false);
        }
    }

    private static bool HasHugeExponent(string text) =>
        text.IndexOfAny(['e', 'E']) is var at and >= 0 && text[(at + 1)..].TrimStart('+', '-', '0').Length > 3;

    private static Apimachinery Start()
    {
        var apimachinery = Apimachinery.Start();
        if (apimachinery is null)
        {
            Assert.Ignore("LLMKUBE_TEST_APIMACHINERY names no program");
        }

        return apimachinery;
    }

    private sealed record RecordedVerdict(Question Question, Verdict Verdict);
}
