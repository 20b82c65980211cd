using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// How a pod ends without cutting the answers that it is giving. llama.cpp's server stops decoding at once when it is told to end, and leaves its clients
/// hanging: so it is told when nobody waits for it any more.
/// </summary>
/// <param name="Timeout">For how long running requests are waited for.</param>
/// <param name="IsFixed">True: always so long, without asking the server.</param>
internal sealed record Drain(TimeSpan Timeout, bool IsFixed)
{
    /// <summary>The variable with the pod's own address.</summary>
    public const string AddressVariable = "LLMKUBE_POD_IP";

    // Until every node and proxy has heard that the pod is no endpoint any more.
    private const int EndpointSeconds = 5;

    // For the endpoints' seconds, one last look and the server's own end.
    private const int GraceSeconds = 15;

    // For dash and curl, as llama.cpp's images have them. One reading of zero may fall between two requests of a client, so that it takes two. A server that
    // is gone (curl's exit code 7) has no requests. One that doesn't answer, or not about its requests, may have some. One that loads its model (503) has none, and would
    // not hear the signal either, as the first process of its container: it hears it when it has loaded. The key is given through a pipe, as arguments can be seen by others.
    private const string Script =
        """
        sleep "$3"
        end=$(($(date +%s) + $1))
        idle=0
        case $LLMKUBE_POD_IP in *:*) host="[$LLMKUBE_POD_IP]" ;; *) host=$LLMKUBE_POD_IP ;; esac
        while [ "$(date +%s)" -lt "$end" ]; do
          answer=$(printf 'header = "Authorization: Bearer %s"\n' "${LLAMA_API_KEY%%,*}" | curl -s -f -m 3 --noproxy '*' -K - "http://$host:$2/metrics")
          [ $? -eq 7 ] && exit 0
          known= busy=
          while read -r name value; do
            case $name in
              llamacpp:requests_processing | llamacpp:requests_deferred) known=1; [ "$value" = 0 ] || busy=1 ;;
            esac
          done <<ANSWER
        $answer
        ANSWER
          if [ "$known" ] && [ ! "$busy" ]; then idle=$((idle + 1)); else idle=0; fi
          [ "$idle" -ge 2 ] && exit 0
          sleep 1
        done
        """;

    /// <summary>As the service wants it.</summary>
    public static Drain Of(InferenceServiceSpec spec) =>
        new(TimeSpan.FromSeconds(spec.DrainTimeoutSeconds ?? InferenceServiceDefaults.DrainTimeoutSeconds), spec.DrainMode == DrainModes.Sleep);

    /// <summary>Seconds from the pod's deletion until its server is killed.</summary>
    public int GracePeriodSeconds => (int)Timeout.TotalSeconds + GraceSeconds;

    /// <summary>What is done before the server is told to end.</summary>
    /// <param name="port">The server's port.</param>
    public V1LifecycleHandler PreStop(int port) => IsFixed
        ? new() { Sleep = new V1SleepAction { Seconds = Math.Max(EndpointSeconds, (int)Timeout.TotalSeconds) } }
        : new() { Exec = new V1ExecAction { Command = ["/bin/sh", "-c", Script, "drain", Text((int)Timeout.TotalSeconds), Text(port), Text(EndpointSeconds)] } };

    /// <summary>The variables that <see cref="PreStop"/> needs in the container.</summary>
    public IEnumerable<V1EnvVar> Variables => IsFixed
        ? []
        : [new V1EnvVar { Name = AddressVariable, ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "status.podIP" } } }];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
