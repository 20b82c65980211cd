using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>Makes objects and patches of one kind.</summary>
internal abstract class ObjectGenerator(Kind kind, string name, Random dice)
{
    protected Random Dice { get; } = dice;

    public static ObjectGenerator For(Kind kind, string name, Random dice) => kind.Name switch
    {
        "ConfigMap" => new ConfigMapGenerator(kind, name, dice),
        "Service" => new ServiceGenerator(kind, name, dice),
        "Deployment" => new DeploymentGenerator(kind, name, dice),
        _ => new ThingGenerator(kind, name, dice),
    };

    /// <summary>An object that can be created.</summary>
    public JsonObject Whole() => Frame(Content(whole: true));

    /// <summary>What another manager may want of it.</summary>
    public JsonObject Partial() => Frame(Content(whole: AppliesWhole));

    /// <summary>A merge patch.</summary>
    public JsonObject Change()
    {
        var change = Content(whole: false);
        if (Dice.Next(3) is 0)
        {
            change["metadata"] = new JsonObject { ["labels"] = new JsonObject { [Pick("x", "y", "z")] = Dice.Next(2) is 0 ? null : "changed" } };
        }

        if (Dice.Next(6) is 0)
        {
            change["metadata"] = new JsonObject { ["finalizers"] = Dice.Next(3) is 0 ? null : new JsonArray("a.test/one") };
        }

        return change;
    }

    /// <summary>A JSON patch.</summary>
    public JsonArray Operations() => Dice.Next(4) switch
    {
        0 => [Operation("add", "/metadata/labels", new JsonObject { ["x"] = "1", ["w"] = "2" })],
        1 => [Operation("add", "/metadata/annotations", new JsonObject { ["note"] = "n" }), Operation("add", "/metadata/annotations/a~1b", "c")],
        2 => [Operation("test", "/metadata/name", name), Operation("add", "/metadata/labels", new JsonObject { ["x"] = "1" }), Operation("remove", "/metadata/labels/x", null)],
        _ => [Operation("add", "/metadata/labels", new JsonObject()), Operation("replace", "/metadata/labels", new JsonObject { ["y"] = "2" }), Operation("copy", "/metadata/labels/z", null, "/metadata/labels/y")],
    };

    public virtual JsonObject? Status() => null;

    public virtual JsonObject Strategic() => Change();

    public virtual JsonObject Wrong() => Partial();

    /// <summary>An apply of less would leave an object that is none.</summary>
    protected virtual bool AppliesWhole => false;

    protected abstract JsonObject Content(bool whole);

    /// <summary>What the status endpoint takes: nothing of the metadata but the name.</summary>
    protected JsonObject StatusFrame(JsonObject status) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Name,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["status"] = status,
    };

    protected JsonObject Frame(JsonObject content)
    {
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = "default" };
        if (Dice.Next(2) is 0)
        {
            metadata["labels"] = Texts("x", "y", "z");
        }

        if (Dice.Next(5) is 0)
        {
            metadata["annotations"] = Texts("note", "a/b");
        }

        var result = new JsonObject { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Name, ["metadata"] = metadata };
        foreach (var (field, value) in content)
        {
            result[field] = value?.DeepClone();
        }

        return result;
    }

    protected JsonObject Texts(params string[] names)
    {
        var texts = new JsonObject();
        foreach (var one in names.Where(_ => Dice.Next(2) is 0))
        {
            texts[one] = Pick("1", "2", "3");
        }

        return texts;
    }

    protected bool Chance(int of = 3) => Dice.Next(of) is 0;

    protected string Pick(params string[] values) => values[Dice.Next(values.Length)];

    protected JsonArray Some(params JsonNode[] values)
    {
        var chosen = values.Where(_ => Dice.Next(2) is 0).ToArray();
        Dice.Shuffle(chosen);
        return [.. chosen];
    }

    private static JsonObject Operation(string op, string path, JsonNode? value, string? from = null)
    {
        var operation = new JsonObject { ["op"] = op, ["path"] = path };
        if (from is not null)
        {
            operation["from"] = from;
        }

        if (op is "add" or "replace" or "test")
        {
            operation["value"] = value;
        }

        return operation;
    }
}
