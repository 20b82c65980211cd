using LlmKube.Operator.Benchmarks;

// Runs every benchmark and writes what came of it to the file that is named, or to the console.
var page = new ResultPage();
var isFast = await ScrapeBenchmark.RunAsync(page);
if (args is [var file]) await File.WriteAllTextAsync(file, page.ToString());
Console.Write(page);
return isFast ? 0 : 1;
