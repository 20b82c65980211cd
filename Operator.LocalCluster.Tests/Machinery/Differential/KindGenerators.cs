using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

internal sealed class ConfigMapGenerator(Kind kind, string name, Random dice) : ObjectGenerator(kind, name, dice)
{
    protected override JsonObject Content(bool whole) => new() { ["data"] = Texts("a", "b", "c", "d") };
}

internal sealed class ServiceGenerator(Kind kind, string name, Random dice) : ObjectGenerator(kind, name, dice)
{
    public override JsonObject Strategic() => Dice.Next(3) switch
    {
        0 => new() { ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["port"] = 80, ["$patch"] = "delete" }, Port(443, "https")) } },
        1 => new() { ["spec"] = new JsonObject { ["ports"] = new JsonArray(Port(8080, "alt")), ["$setElementOrder/ports"] = new JsonArray(new JsonObject { ["port"] = 8080 }, new JsonObject { ["port"] = 80 }) } },
        _ => new() { ["spec"] = new JsonObject { ["selector"] = new JsonObject { ["$patch"] = "replace", ["only"] = "this" } } },
    };

    protected override JsonObject Content(bool whole)
    {
        var spec = new JsonObject();
        if (whole)
        {
            spec["clusterIP"] = "None";
            spec["ports"] = new JsonArray(Port(80, "http"));
        }
        else if (Chance(2))
        {
            spec["ports"] = Some(Port(80, "http"), Port(443, "https"), Port(9090, "metrics"));
        }

        if (spec["ports"] is JsonArray { Count: 0 })
        {
            spec["ports"] = new JsonArray(Port(80, "web"));
        }

        if (Chance(2))
        {
            spec["selector"] = Texts("app", "tier");
        }

        if (Chance())
        {
            spec["publishNotReadyAddresses"] = Chance(2);
        }

        return new() { ["spec"] = spec };
    }

    private JsonObject Port(int port, string name)
    {
        var json = new JsonObject { ["port"] = port, ["name"] = name };
        if (Chance(2))
        {
            json["protocol"] = "TCP";
        }

        if (Chance(2))
        {
            json["targetPort"] = Chance(2) ? "http" : 8080;
        }

        return json;
    }
}

internal sealed class DeploymentGenerator(Kind kind, string name, Random dice) : ObjectGenerator(kind, name, dice)
{
    protected override bool AppliesWhole => true;

    public override JsonObject Status() => StatusFrame(new()
    {
        ["replicas"] = Dice.Next(3),
        ["conditions"] = Some(Condition("Available"), Condition("Progressing")),
    });

    public override JsonObject Strategic() => Dice.Next(7) switch
    {
        0 => Pod(new() { ["containers"] = new JsonArray(Container("new"), Container("main")), ["$setElementOrder/containers"] = new JsonArray(Named("new"), Named("main"), Named("side")) }),
        1 => Pod(new() { ["containers"] = new JsonArray(new JsonObject { ["name"] = "side", ["$patch"] = "delete" }) }),
        2 => Pod(new() { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["env"] = new JsonArray(Env("A"), new JsonObject { ["name"] = "B", ["$patch"] = "delete" }) }) }),
        3 => new() { ["spec"] = new JsonObject { ["strategy"] = new JsonObject { ["$retainKeys"] = new JsonArray("type"), ["type"] = "Recreate" } } },
        4 => Pod(new() { ["volumes"] = new JsonArray(new JsonObject { ["name"] = "data", ["$retainKeys"] = new JsonArray("name", "configMap"), ["configMap"] = new JsonObject { ["name"] = "c" } }) }),
        5 => new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray("b.test/two"), ["$deleteFromPrimitiveList/finalizers"] = new JsonArray("a.test/one") } },
        _ => Pod(new() { ["nodeSelector"] = new JsonObject { ["disk"] = "ssd", ["gone"] = null }, ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = 80, ["name"] = "web" }) }) }),
    };

    protected override JsonObject Content(bool whole)
    {
        var spec = new JsonObject();
        if (Chance(2))
        {
            spec["replicas"] = Dice.Next(4);
        }

        if (Chance(4))
        {
            spec["minReadySeconds"] = Dice.Next(2);
        }

        if (Chance(5))
        {
            spec["paused"] = Chance(2);
        }

        var pod = new JsonObject { ["containers"] = new JsonArray(Container("main")) };
        if (Chance(2))
        {
            pod["containers"] = Chance(2) ? new JsonArray(Container("side"), Container("main")) : new JsonArray(Container("main"), Container("side"));
        }

        if (Chance(2))
        {
            pod["volumes"] = new JsonArray(new JsonObject { ["name"] = "data", ["emptyDir"] = new JsonObject() });
        }

        if (Chance(4))
        {
            pod["nodeSelector"] = Texts("disk", "zone");
        }

        if (Chance(4))
        {
            pod["tolerations"] = new JsonArray(new JsonObject { ["key"] = "gpu", ["operator"] = "Exists" });
        }

        if (Chance(5))
        {
            pod["terminationGracePeriodSeconds"] = 5;
        }

        if (whole || Chance(2))
        {
            spec["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "x" } }, ["spec"] = pod };
        }

        if (whole)
        {
            spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "x" } };
        }

        return new() { ["spec"] = spec };
    }

    private JsonObject Container(string name)
    {
        var container = new JsonObject { ["name"] = name, ["image"] = Pick("a", "a:1", "b@sha256:0", "r:5000/c") };
        if (Chance(2))
        {
            container["env"] = Some(Env("A"), Env("B"), Env("C"));
        }

        if (Chance())
        {
            container["ports"] = Some(new JsonObject { ["containerPort"] = 80 }, new JsonObject { ["containerPort"] = 53, ["protocol"] = "UDP" }, new JsonObject { ["containerPort"] = 443, ["name"] = "https" });
        }

        if (Chance())
        {
            container["args"] = Some("--a", "--b");
        }

        if (Chance())
        {
            container["resources"] = new JsonObject { ["limits"] = new JsonObject { ["cpu"] = Pick("1", "1500m", "0.5"), ["memory"] = Pick("1Gi", "1024Mi", "1e6") } };
        }

        if (Chance())
        {
            container["readinessProbe"] = new JsonObject { ["httpGet"] = new JsonObject { ["port"] = 80 } };
        }

        return container;
    }

    private JsonObject Env(string name) => name is "C"
        ? new() { ["name"] = name, ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.name" } } }
        : new() { ["name"] = name, ["value"] = Pick("", "1", "2") };

    private JsonObject Condition(string type) => new()
    {
        ["type"] = type,
        ["status"] = Pick("True", "False"),
        ["lastUpdateTime"] = "2026-01-01T00:00:00Z",
        ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
    };

    private static JsonObject Named(string name) => new() { ["name"] = name };

    private static JsonObject Pod(JsonObject spec) => new() { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = spec } } };
}

internal sealed class ThingGenerator(Kind kind, string name, Random dice) : ObjectGenerator(kind, name, dice)
{
    public override JsonObject Status() => StatusFrame(new()
    {
        ["phase"] = Pick("Ready", "Pending"),
        ["count"] = Dice.Next(3),
        ["conditions"] = Some(Condition("Ready"), Condition("Synced")),
    });

    public override JsonObject Wrong()
    {
        var spec = new JsonObject { ["mode"] = "a" };
        var (field, value) = Dice.Next(24) switch
        {
            0 => ("replicas", (JsonNode?)11),
            1 => ("replicas", -1),
            2 => ("replicas", "three"),
            3 => ("replicas", 2.5),
            4 => ("mode", "d"),
            5 => ("mode", null),
            6 => ("note", "x"),
            7 => ("note", "toolong"),
            8 => ("note", "AB1"),
            9 => ("labels", new JsonObject { ["a"] = "1", ["b"] = "2", ["c"] = "3" }),
            10 => ("labels", new JsonObject { ["a"] = 1 }),
            11 => ("args", new JsonArray()),
            12 => ("ratio", 2.0),
            13 => ("ratio", 1),
            14 => ("ratio", 0.3),
            15 => ("level", 3),
            16 => ("nested", new JsonObject { ["b"] = new JsonObject { ["d"] = "yesterday" } }),
            17 => ("nested", "no object"),
            18 => ("unknown", 1),
            19 => ("nested", new JsonObject { ["b"] = new JsonObject { ["what"] = new JsonArray(1) } }),
            20 => ("choice", new JsonObject { ["left"] = "l", ["right"] = "r" }),
            21 => ("choice", new JsonObject()),
            22 => ("share", true),
            _ => ("ports", new JsonArray(new JsonObject { ["port"] = 1, ["name"] = 5 }, new JsonObject { ["protocol"] = "UDP" })),
        };
        spec[field] = value;
        return Frame(new() { ["spec"] = spec });
    }

    protected override JsonObject Content(bool whole)
    {
        var spec = new JsonObject();
        if (whole || Chance(2))
        {
            spec["mode"] = Pick("a", "b", "c");
        }

        Maybe(spec, "replicas", () => Dice.Next(5));
        Maybe(spec, "note", () => Pick("ab", "abc", "abcd"));
        Maybe(spec, "level", () => Chance() ? null : 1 + Dice.Next(2));
        Maybe(spec, "labels", () => Texts("k", "l"));
        Maybe(spec, "ports", () => Some(Port(80, null), Port(80, "UDP"), Port(443, "TCP")));
        Maybe(spec, "tags", () => Some("red", "green", "blue"));
        Maybe(spec, "args", () => new JsonArray(Pick("--a", "--b"), "--c"));
        Maybe(spec, "whole", () => Chance() ? new JsonObject { ["x"] = "1" } : new JsonObject { ["y"] = Dice.Next(3) });
        Maybe(spec, "nested", () => Chance() ? new JsonObject { ["a"] = Pick("p", "q") } : new JsonObject { ["b"] = new JsonObject { ["c"] = Chance(2), ["d"] = "2026-01-02T03:04:05Z" } });
        Maybe(spec, "groups", () => new JsonObject { [Pick("one", "two")] = Chance(2) ? new JsonObject() : new JsonObject { ["owner"] = Pick("me", "you") } });
        Maybe(spec, "open", () => new JsonObject { [Pick("m", "n")] = Chance(2) ? new JsonArray(1, 2) : new JsonObject { ["deep"] = Dice.Next(3) } });
        Maybe(spec, "share", () => Chance(2) ? "50%" : 3);
        Maybe(spec, "hint", () => Chance() ? null : Pick("some", "more"));
        Maybe(spec, "choice", () => new JsonObject { ["left"] = Pick("l", "m") });
        Maybe(spec, "ratio", () => Chance(2) ? 0.5 : 1.25);
        return new() { ["spec"] = spec };
    }

    private JsonObject Port(int port, string? protocol)
    {
        var json = new JsonObject { ["port"] = port };
        if (protocol is not null)
        {
            json["protocol"] = protocol;
        }

        if (Chance(2))
        {
            json["name"] = Pick("one", "two");
        }

        if (Chance(4))
        {
            json["weights"] = new JsonArray(1, Dice.Next(3));
        }

        return json;
    }

    private JsonObject Condition(string type) => new() { ["type"] = type, ["status"] = Pick("True", "False"), ["reason"] = Pick("Ok", "Bad") };

    private void Maybe(JsonObject spec, string field, Func<JsonNode?> value)
    {
        if (Chance())
        {
            spec[field] = value();
        }
    }
}
