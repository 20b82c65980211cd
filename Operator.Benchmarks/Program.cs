using LlmKube.Operator.Benchmarks;

return await BenchmarkCommand.Create().Parse(args).InvokeAsync();
