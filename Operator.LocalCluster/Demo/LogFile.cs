using System.Globalization;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>Log lines in a file: the console belongs to the demo.</summary>
internal sealed class LogFile(string path, TimeProvider time) : ILoggerProvider
{
    private readonly StreamWriter _writer = new(path) { AutoFlush = true };
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        lock (_gate) _writer.Dispose();
    }

    private void Write(string line)
    {
        lock (_gate) _writer.WriteLine(line);
    }

    private sealed class Category(LogFile file, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var cause = exception is null ? "" : $"{Environment.NewLine}{exception}";
            file.Write(string.Create(CultureInfo.InvariantCulture, $"{file.Now:HH:mm:ss.fff} {logLevel} {name}: {formatter(state, exception)}{cause}"));
        }
    }

    private DateTimeOffset Now => time.GetLocalNow();
}
