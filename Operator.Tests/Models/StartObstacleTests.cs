using k8s.Models;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.Models;

/// <summary>What the Events of a pod say that has a node and doesn't begin.</summary>
public sealed class StartObstacleTests
{
    private const string MultiAttach = "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) chat-1";
    private const string Timeout = "Unable to attach or mount volumes: unmounted volumes=[model], unattached volumes=[model kube-api-access-x]: timed out waiting for the condition";
    private const string NoSecret = "MountVolume.SetUp failed for volume \"credentials\" : secret \"hub\" not found";
    private const string NoSandbox = "failed to get sandbox image";

    private static readonly Dictionary<string, ((string Reason, string Words, int At)[] Events, string? Told)> Stories = new()
    {
        ["nothing is said"] = ([("Scheduled", "Successfully assigned team/a to node-1", 0)], null),
        ["a volume is attached elsewhere"] = ([("FailedAttachVolume", MultiAttach, 1)], $"Volume: {MultiAttach}"),
        ["that is said once, and the mount's timeouts again and again"] = ([("FailedAttachVolume", MultiAttach, 1), ("FailedMount", Timeout, 120), ("FailedMount", Timeout, 240)], $"Volume: {MultiAttach}"),
        ["it has been attached since"] = ([("FailedAttachVolume", MultiAttach, 1), ("FailedMount", Timeout, 120), ("SuccessfulAttachVolume", "AttachVolume.Attach succeeded for volume \"pvc-1\"", 130)], null),
        ["another volume has been attached since"] =
            ([("FailedAttachVolume", MultiAttach, 1), ("SuccessfulAttachVolume", "AttachVolume.Attach succeeded for volume \"pvc-2\"", 2)], $"Volume: {MultiAttach}"),
        ["it was attached, and can't be mounted"] =
            ([("SuccessfulAttachVolume", "AttachVolume.Attach succeeded for volume \"pvc-1\"", 1), ("FailedMount", "MountVolume.MountDevice failed for volume \"pvc-1\" : wrong fs type", 2)],
             "Volume: MountVolume.MountDevice failed for volume \"pvc-1\" : wrong fs type"),
        ["a large image is being pulled at last"] = ([("FailedAttachVolume", MultiAttach, 1), ("Pulling", "Pulling image \"server\"", 60)], null),
        ["a sandbox came at the second try, in the same second"] = ([("FailedCreatePodSandBox", NoSandbox, 1), ("Pulled", "Container image \"server\" already present on machine", 1)], null),
        ["a sandbox fails after images were there: the node has started again"] = ([("Pulled", "it is present", 1), ("FailedCreatePodSandBox", NoSandbox, 2)], $"Sandbox: {NoSandbox}"),
        ["who makes a sandbox has its volumes"] = ([("FailedMount", Timeout, 1), ("FailedCreatePodSandBox", NoSandbox, 2)], $"Sandbox: {NoSandbox}"),
        ["a Secret is missing"] = ([("FailedMount", NoSecret, 1)], $"Input: {NoSecret}"),
        ["a Secret is missing, and the kubelet waited for all volumes in vain"] = ([("FailedMount", NoSecret, 1), ("FailedMount", Timeout, 2)], $"Input: {NoSecret}"),
        ["a key of a ConfigMap is missing"] =
            ([("FailedMount", "MountVolume.SetUp failed for volume \"ca\" : configmap references non-existent config key: ca.crt", 1)],
             "Input: MountVolume.SetUp failed for volume \"ca\" : configmap references non-existent config key: ca.crt"),
        ["a volume that is called as a Secret is none"] =
            ([("FailedMount", "MountVolume.SetUp failed for volume \"secrets-cache\" : mount failed: exit status 32", 1)], "Volume: MountVolume.SetUp failed for volume \"secrets-cache\" : mount failed: exit status 32"),
        ["what the kubelet lists in any order is left out"] =
            ([("FailedMount", Timeout, 1)], "Volume: Unable to attach or mount volumes: unmounted volumes=[model]: timed out waiting for the condition"),
        ["the newest of equals counts"] = ([("FailedMount", "MountVolume.SetUp failed: no route", 1), ("FailedMount", "MountVolume.SetUp failed: stale file handle.", 2)], "Volume: MountVolume.SetUp failed: stale file handle"),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void It_is_told_in_the_words_that_know_most(string story)
    {
        var (events, told) = Stories[story];
        var inAnyOrder = events.Reverse().Select(e => new Corev1Event { Reason = e.Reason, Message = e.Words, LastTimestamp = Seen.Now.UtcDateTime.AddSeconds(e.At) });

        var obstacle = StartObstacle.In(inAnyOrder);

        Assert.That(obstacle is null ? null : $"{obstacle.Need}: {obstacle.Words}", Is.EqualTo(told));
    }

    [Test]
    public void It_is_as_old_as_the_first_Event_of_it_that_is_not_over()
    {
        Corev1Event[] events = [Told(NoSecret, 1), Told("", 5, "Pulled"), Told(NoSecret, 10), Told(Timeout, 20)];

        Assert.That(StartObstacle.In(events)!.Since, Is.EqualTo(Seen.Now.UtcDateTime.AddSeconds(10)));
    }

    private static Corev1Event Told(string words, int at, string reason = "FailedMount") =>
        new() { Reason = reason, Message = words, FirstTimestamp = Seen.Now.UtcDateTime.AddSeconds(at) };
}
