namespace LlmKube.Operator.Entities;

/// <summary>What holds for what users may say of pods, in CEL and in words.</summary>
public static class PodFieldRules
{
    /// <summary>Why some labels and annotations can't be chosen.</summary>
    public const string ReservedWords = "is the operator's or Kubernetes' own, by which pods are found; leave it out";

    internal const string NoReservedLabel = "self.all(k, !(k in ['app', 'pod-template-hash']) && !k.startsWith('inference.llmkube.dev/') && !k.startsWith('llmkube.dev/'))";

    internal const string NoReservedLabelWords = "app, pod-template-hash and what begins with inference.llmkube.dev/ or llmkube.dev/ " + ReservedWords;

    internal const string NoReservedAnnotation = "self.all(k, k != 'kubectl.kubernetes.io/restartedAt' && !k.startsWith('inference.llmkube.dev/') && !k.startsWith('llmkube.dev/'))";

    internal const string NoReservedAnnotationWords = "kubectl.kubernetes.io/restartedAt and what begins with inference.llmkube.dev/ or llmkube.dev/ " + ReservedWords;
}
