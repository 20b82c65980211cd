using LlmKube.Operator.LocalCluster.Commands;

return await CommandLine.RunAsync(args, Console.Out, Console.Error);
