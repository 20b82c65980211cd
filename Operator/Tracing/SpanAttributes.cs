namespace LlmKube.Operator.Tracing;

/// <summary>The names of attributes: OpenTelemetry's where it has one, ours begin with <c>llmkube.</c></summary>
internal static class SpanAttributes
{
    public const string Namespace = "k8s.namespace.name";
    public const string Uid = "k8s.object.uid";
    public const string ErrorType = "error.type";
    public const string Generation = "llmkube.generation";
    public const string ModelName = "llmkube.model.name";
    public const string ServiceName = "llmkube.inferenceservice.name";
    public const string SourceType = "llmkube.model.source_type";
    public const string UrlScheme = "url.scheme";
    public const string UrlTemplate = "url.template";
    public const string ServerAddress = "server.address";
    public const string JobName = "k8s.job.name";
    public const string Bytes = "llmkube.bytes";
    public const string BytesTransferred = "llmkube.bytes.transferred";
    public const string Resumes = "llmkube.resumes";
    public const string IsCached = "llmkube.model.cached";
    public const string ApplyResult = "llmkube.apply.result";
    public const string PhaseBefore = "llmkube.phase.from";
    public const string PhaseAfter = "llmkube.phase.to";
    public const string Waited = "llmkube.wait_seconds";
}
