using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Defaults of pods and of what pods are made of.</summary>
internal static class PodDefaults
{
    private const int Mode0644 = 420;

    public static void Pod(JsonObject pod)
    {
        var spec = pod.Part("spec");
        Spec(spec);
        spec.SetDefault("enableServiceLinks", true);
        foreach (var container in Containers(spec))
        {
            RequestLimits(container.Part("resources"));
        }

        pod.Part("status").SetDefault("phase", "Pending");
    }

    public static void Spec(JsonObject spec)
    {
        spec.SetDefault("dnsPolicy", "ClusterFirst");
        spec.SetDefault("restartPolicy", "Always");
        spec.SetDefault("terminationGracePeriodSeconds", 30);
        spec.SetDefault("securityContext", new JsonObject());
        spec.SetDefault("schedulerName", "default-scheduler");
        if ((spec["serviceAccountName"] ?? spec["serviceAccount"]).AsText() is { } account)
        {
            spec["serviceAccountName"] = account;
            spec["serviceAccount"] = account;
        }

        foreach (var volume in spec.Each("volumes"))
        {
            Volume(volume);
        }

        foreach (var container in Containers(spec))
        {
            Container(container);
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        spec.Each("initContainers").Concat(spec.Each("containers"));

    private static void Container(JsonObject container)
    {
        container.SetDefault("terminationMessagePath", "/dev/termination-log");
        container.SetDefault("terminationMessagePolicy", "File");
        container.SetDefault("imagePullPolicy", PullPolicy(container["image"].AsText() ?? ""));
        foreach (var port in container.Each("ports"))
        {
            port.SetDefault("protocol", "TCP");
        }

        foreach (var variable in container.Each("env"))
        {
            if (variable.At("valueFrom", "fieldRef") is JsonObject field)
            {
                field.SetDefault("apiVersion", "v1");
            }
        }

        foreach (var name in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container[name] is JsonObject probe)
            {
                Probe(probe);
            }
        }

        foreach (var hook in new[] { "postStart", "preStop" })
        {
            HttpGet(container.At("lifecycle", hook, "httpGet"));
        }
    }

    // A moving tag is pulled anew, a fixed one when it is missing.
    private static string PullPolicy(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        var tag = name.IndexOf(':', StringComparison.Ordinal);
        var isFixed = name.Contains('@', StringComparison.Ordinal) || (tag >= 0 && name[(tag + 1)..] is not "latest");
        return isFixed ? "IfNotPresent" : "Always";
    }

    private static void Probe(JsonObject probe)
    {
        probe.SetDefault("timeoutSeconds", 1);
        probe.SetDefault("periodSeconds", 10);
        probe.SetDefault("successThreshold", 1);
        probe.SetDefault("failureThreshold", 3);
        HttpGet(probe["httpGet"]);
        if (probe["grpc"] is JsonObject grpc && grpc["service"] is null)
        {
            grpc["service"] = "";
        }
    }

    private static void HttpGet(JsonNode? action)
    {
        if (action is JsonObject get)
        {
            get.SetDefault("path", "/");
            get.SetDefault("scheme", "HTTP");
        }
    }

    private static void Volume(JsonObject volume)
    {
        if (volume.Count <= 1 && (volume.Count is 0 || volume.ContainsKey("name")))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in new[] { "secret", "configMap", "downwardAPI", "projected" })
        {
            if (volume[source] is JsonObject files)
            {
                files.SetDefault("defaultMode", Mode0644);
            }
        }

        if (volume["hostPath"] is JsonObject path && path["type"] is null)
        {
            path["type"] = "";
        }

        foreach (var source in (volume["projected"] as JsonObject).Each("sources"))
        {
            if (source["serviceAccountToken"] is JsonObject token)
            {
                token.SetDefault("expirationSeconds", 3600);
            }
        }

        foreach (var file in (volume["downwardAPI"] as JsonObject).Each("items"))
        {
            if (file["fieldRef"] is JsonObject field)
            {
                field.SetDefault("apiVersion", "v1");
            }
        }
    }

    // What a container is limited to and doesn't request, it requests.
    private static void RequestLimits(JsonObject resources)
    {
        foreach (var (name, limit) in resources["limits"] as JsonObject ?? [])
        {
            if (limit is not null)
            {
                resources.Part("requests").SetDefault(name, limit.DeepClone());
            }
        }
    }
}
