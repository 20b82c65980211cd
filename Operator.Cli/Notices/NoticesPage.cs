using System.Globalization;
using System.Text;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Notices;

/// <summary>The notices that the licences of shipped packages ask for, as plain text.</summary>
internal static class NoticesPage
{
    private const string Mit = """
        Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
        "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
        distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
        the following conditions:

        The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

        THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
        MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
        CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
        SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
        """;

    private static readonly Dictionary<string, string> s_texts = new()
    {
        ["Apache-2.0"] = "Its text is in the file LICENSE beside this one.",
        ["MIT"] = Mit,
    };

    /// <summary>The page.</summary>
    /// <param name="introduction">What stands before the packages.</param>
    /// <param name="packages">What is shipped.</param>
    public static string Of(string introduction, IReadOnlyList<ShippedPackage> packages)
    {
        if (packages.FirstOrDefault(p => !s_texts.ContainsKey(p.Licence)) is { } unknown)
        {
            throw new CliException($"{unknown.Name} is under {unknown.Licence}, whose text {nameof(NoticesPage)} does not have: may it be shipped?");
        }

        var page = new StringBuilder(introduction.TrimEnd()).Append('\n');
        foreach (var package in packages) page.Append(CultureInfo.InvariantCulture, $"\n{package.Name} {package.Version}\n  {package.Licence}, {package.Copyright}\n  {package.Address}\n");
        foreach (var licence in packages.Select(p => p.Licence).Distinct().Order(StringComparer.Ordinal)) Section(page, $"The licence {licence}", s_texts[licence]);
        foreach (var notices in packages.Where(p => p.Notices is not null).GroupBy(p => p.Notices!))
        {
            Section(page, "What is in " + string.Join(", ", notices.Select(p => p.Name)), notices.Key);
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void Section(StringBuilder page, string title, string text) => page.Append(CultureInfo.InvariantCulture, $"\n{title}\n{new string('-', title.Length)}\n\n{text}\n");
}
