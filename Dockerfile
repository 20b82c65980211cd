# The image of the operator, and of the Jobs that fetch and remove models: one program, whose verb says what it does.
#   docker build -t registry.example.com/llmkube-operator:0.1.0 .                  # podman and buildah as well
#   docker buildx build --platform linux/amd64,linux/arm64 --push -t ... .         # compiled across, on the machine that builds
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
# The commit, which the metric llmkube_build_info tells: --build-arg REVISION=$(git rev-parse HEAD)
ARG REVISION
WORKDIR /source
COPY . .
RUN dotnet publish Operator -c Release --os linux --arch $TARGETARCH --self-contained false -o /app -p:DebugType=none -p:SourceRevisionId=$REVISION

# No shell, no package manager.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
COPY --from=build /app /app
# What the base image would have it listen at.
ENV ASPNETCORE_HTTP_PORTS=
USER 65532:65532
ENTRYPOINT ["/app/LlmKube.Operator"]
