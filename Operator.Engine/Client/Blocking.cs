namespace KubeOps.KubernetesClient;

/// <summary>The one place that blocks a thread on a task: KubeOps' surface has synchronous twins of its methods.</summary>
internal static class Blocking
{
#pragma warning disable VSTHRD002 // That is what these two are for; no synchronization context exists that could deadlock.
    public static T Result<T>(Task<T> task) => task.GetAwaiter().GetResult();

    public static void Wait(Task task) => task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
