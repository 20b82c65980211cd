using System.Globalization;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Simulation;

/// <summary>Plays containers by rules.</summary>
/// <param name="rules">The rules.</param>
/// <param name="time">The clock the containers live by.</param>
/// <param name="log">Takes the lines of a container's log: pod, container, lines.</param>
internal sealed class SimulatedRuntime(PodRules rules, TimeProvider time, Action<V1Pod, string, IReadOnlyList<string>> log) : IContainerRuntime
{
    private const int Addresses = 250 * 250 * 250;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byPod = [];
    private readonly HashSet<int> _taken = [];
    private int _last;

    public string Kind => "simulated";

    public string AddressOf(V1Pod pod)
    {
        lock (_gate)
        {
            if (!_byPod.TryGetValue(pod.Metadata.Uid, out var number))
            {
                do _last = (_last + 1) % Addresses;
                while (!_taken.Add(_last));
                _byPod[pod.Metadata.Uid] = number = _last;
            }

            return string.Create(CultureInfo.InvariantCulture, $"10.{number / 62_500}.{(number / 250) % 250}.{(number % 250) + 1}");
        }
    }

    public IContainerRun Start(ContainerStart start) => new SimulatedContainer(start, rules, time, lines => log(start.Pod, start.Container.Name, lines));

    public void BackingOff(V1Pod pod, V1Container container)
    {
        // The status says it; nobody reads Events of what is only played.
    }

    public void Release(V1Pod pod)
    {
        lock (_gate)
        {
            if (_byPod.Remove(pod.Metadata.Uid, out var number)) _taken.Remove(number);
        }
    }
}
