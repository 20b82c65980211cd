using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

/// <summary>The objects of the stories.</summary>
internal static class Build
{
    public static V1PodTemplateSpec Template(string app, Action<V1PodSpec>? change = null)
    {
        var template = new V1PodTemplateSpec
        {
            Metadata = new() { Labels = new Dictionary<string, string> { ["app"] = app } },
            Spec = new() { Containers = [new() { Name = "main", Image = $"{app}:1", Ports = [new() { Name = "http", ContainerPort = 8080 }] }] },
        };
        change?.Invoke(template.Spec);
        return template;
    }

    public static V1Deployment Deployment(string name, int replicas, Action<V1DeploymentSpec>? change = null)
    {
        var deployment = new V1Deployment
        {
            Metadata = new() { Name = name },
            Spec = new() { Replicas = replicas, Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = name } }, Template = Template(name) },
        };
        change?.Invoke(deployment.Spec);
        return deployment;
    }

    public static V1Job Job(string name, Action<V1JobSpec>? change = null)
    {
        var job = new V1Job { Metadata = new() { Name = name }, Spec = new() { Template = Template(name, p => p.RestartPolicy = "Never") } };
        change?.Invoke(job.Spec);
        return job;
    }

    public static V1Pod Pod(string name, Action<V1PodSpec>? change = null)
    {
        var template = Template(name, change);
        return new() { Metadata = new() { Name = name, Labels = template.Metadata.Labels }, Spec = template.Spec };
    }

    public static V1PersistentVolumeClaim Claim(string name, string? storageClass = null, string mode = "ReadWriteOnce") => new()
    {
        Metadata = new() { Name = name },
        Spec = new()
        {
            StorageClassName = storageClass,
            AccessModes = [mode],
            Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } },
        },
    };

    public static Action<V1PodSpec> Using(string claim) => spec =>
    {
        spec.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = claim } }];
        spec.Containers[0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
    };

    public static Action<V1PodSpec> Gpus(int count) => spec =>
        spec.Containers[0].Resources = new() { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new($"{count}") } };
}
