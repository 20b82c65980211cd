using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery;

public sealed class JsonPatchTests
{
    private static readonly Dictionary<string, (string Document, string Patch, string Result)> Fitting = new()
    {
        ["add sets a field"] = ("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}"""),
        ["add replaces a field"] = ("""{"a":1}""", """[{"op":"add","path":"/a","value":null}]""", """{"a":null}"""),
        ["add inserts into a list"] = ("""{"l":[1,3]}""", """[{"op":"add","path":"/l/1","value":2}]""", """{"l":[1,2,3]}"""),
        ["add appends to a list"] = ("""{"l":[1]}""", """[{"op":"add","path":"/l/-","value":2}]""", """{"l":[1,2]}"""),
        ["add counts from the end"] = ("""{"l":[1,3]}""", """[{"op":"add","path":"/l/-2","value":2}]""", """{"l":[1,2,3]}"""),
        ["remove takes the last"] = ("""{"l":[1,2]}""", """[{"op":"remove","path":"/l/-1"}]""", """{"l":[1]}"""),
        ["escapes are undone"] = ("""{"a/b":{"m~n":1}}""", """[{"op":"replace","path":"/a~1b/m~0n","value":2}]""", """{"a/b":{"m~n":2}}"""),
        ["move renames"] = ("""{"a":1}""", """[{"op":"move","from":"/a","path":"/b"}]""", """{"b":1}"""),
        ["copy copies"] = ("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"}]""", """{"a":{"x":1},"b":{"x":1}}"""),
        ["test passes on equal values"] = ("""{"a":{"x":1,"y":2}}""", """[{"op":"test","path":"/a","value":{"y":2,"x":1}}]""", """{"a":{"x":1,"y":2}}"""),
        ["test takes an absent field for null"] = ("""{"a":1}""", """[{"op":"test","path":"/b","value":null}]""", """{"a":1}"""),
        ["the whole document may be replaced"] = ("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}"""),
    };

    private static readonly Dictionary<string, (string Patch, bool IsMalformed)> Refused = new()
    {
        ["replace of nothing"] = ("""[{"op":"replace","path":"/x","value":1}]""", false),
        ["remove of nothing"] = ("""[{"op":"remove","path":"/x"}]""", false),
        ["add below nothing"] = ("""[{"op":"add","path":"/x/y","value":1}]""", false),
        ["add beyond a list's end"] = ("""[{"op":"add","path":"/l/7","value":1}]""", false),
        ["a failed test"] = ("""[{"op":"test","path":"/a","value":2}]""", false),
        ["move into itself"] = ("""[{"op":"move","from":"/o","path":"/o/p"}]""", false),
        ["an unknown operation"] = ("""[{"op":"merge","path":"/a"}]""", true),
        ["no path"] = ("""[{"op":"add","value":1}]""", true),
        ["no value"] = ("""[{"op":"add","path":"/a"}]""", true),
        ["no object"] = ("[1]", true),
    };

    [TestCaseSource(nameof(Fitting))]
    public void A_patch_that_fits_is_applied(KeyValuePair<string, (string Document, string Patch, string Result)> story)
    {
        var result = JsonPatch.Apply(JsonNode.Parse(story.Value.Document)!, (JsonArray)JsonNode.Parse(story.Value.Patch)!);
        Assert.That(result.ToJsonString(), Is.EqualTo(story.Value.Result), story.Key);
    }

    [TestCaseSource(nameof(Refused))]
    public void A_patch_that_does_not_fit_is_refused_and_says_whose_fault_it_is(KeyValuePair<string, (string Patch, bool IsMalformed)> story)
    {
        var document = JsonNode.Parse("""{"a":1,"l":[1],"o":{"p":1}}""")!;
        var thrown = Assert.Throws<PatchException>(() => JsonPatch.Apply(document, (JsonArray)JsonNode.Parse(story.Value.Patch)!), story.Key);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(thrown.Failure is PatchFailure.Malformed, Is.EqualTo(story.Value.IsMalformed), story.Key);
            Assert.That(document.ToJsonString(), Is.EqualTo("""{"a":1,"l":[1],"o":{"p":1}}"""), "the document is left alone");
        }
    }
}
