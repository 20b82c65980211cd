using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.ApiServer.Hosting;
using System.CommandLine;

var root = new RootCommand("A Kubernetes development cluster on this machine. It is not Kubernetes: no security boundary, nothing survives a stop.");
root.Add(ApiServerCommand.Create());
foreach (var command in ClusterCommands.All) root.Add(command);
return await root.Parse(args).InvokeAsync();
