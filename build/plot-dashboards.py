#!/usr/bin/env python3
"""Plots what Grafana would show of a recorded run: one SVG per dashboard, from the answers to the panels' own queries.

    plot-dashboards.py RECORDING DASHBOARDS_FOLDER OUTPUT_FOLDER

It knows the kinds of panels that the dashboards have, and draws them plainly. Standard library only.
"""
import json
import math
import pathlib
import sys
from html import escape

WIDTH, COLUMN, ROW, GAP = 1440, 60, 30, 6
PALETTE = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a"]
COLORS = {"green": "#73bf69", "red": "#f2495c", "yellow": "#fade2a", "orange": "#ff9830", "blue": "#5794f2", "light-blue": "#8ab8ff",
          "purple": "#b877d9", "text": "#ccccdc", "dark-red": "#c4162a", "semi-dark-orange": "#ff780a", "super-light-blue": "#c0d8ff"}


def number(value, unit):
    if math.isnan(value):
        return "no data"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "percent":
        return f"{value:.3g} %"
    if unit in ("bytes", "Bps"):
        for prefix in ("", "Ki", "Mi", "Gi", "Ti"):
            if abs(value) < 1024 or prefix == "Ti":
                return f"{value:.4g} {prefix}B" + ("/s" if unit == "Bps" else "")
            value /= 1024
    if unit == "s":
        if value != 0 and abs(value) < 1:
            return f"{value * 1000:.3g} ms"
        return f"{value:.3g} s" if value < 120 else f"{value / 60:.3g} min"
    suffix = {"reqps": " req/s", "ops": " ops/s", "wps": " wr/s", "celsius": " °C", "watt": " W"}.get(unit, "")
    if unit and unit.startswith("suffix:"):
        suffix = " " + unit[len("suffix:"):].strip()
    text = f"{value:.4g}" if abs(value) < 10000 else f"{value / 1000:.4g} K"
    return text + suffix


def label(series, legend):
    if legend and legend != "__auto":
        for name, value in series["metric"].items():
            legend = legend.replace("{{%s}}" % name, value).replace("{{ %s }}" % name, value)
        return legend
    return ", ".join(v for k, v in sorted(series["metric"].items()) if k != "__name__") or "value"


def points(series):
    return [(t, float(v)) for t, v in series["values"]]


def text(x, y, words, size=12, color="#ccccdc", anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'


class Panel:
    def __init__(self, panel, answers, span):
        self.json, self.answers, self.span = panel, answers, span
        grid = panel["gridPos"]
        self.x, self.y = grid["x"] * COLUMN, grid["y"] * ROW
        self.w, self.h = grid["w"] * COLUMN - GAP, grid["h"] * ROW - GAP
        defaults = panel.get("fieldConfig", {}).get("defaults", {})
        self.unit, self.defaults = defaults.get("unit"), defaults
        legends = [t.get("legendFormat") for t in panel.get("targets", [])]
        self.series = [(label(s, legend), points(s), s["metric"]) for legend, answer in zip(legends, answers) for s in answer]

    def at(self, time, margin=56):
        begin, end = self.span
        return self.x + margin + (self.w - margin - 12) * (time - begin) / max(1, end - begin)

    def draw(self):
        out = []
        if self.json["type"] == "row":
            return text(self.x + 4, self.y + 20, "▾ " + self.json["title"], 15, weight="bold")
        out.append(f'<rect x="{self.x}" y="{self.y}" width="{self.w}" height="{self.h}" rx="3" fill="#181b1f" stroke="#25272c"/>')
        out.append(text(self.x + 8, self.y + 18, self.json.get("title", ""), 13, weight="bold"))
        kind = self.json["type"]
        drawer = {"stat": self.stat, "timeseries": self.lines, "state-timeline": self.states, "heatmap": self.heat, "bargauge": self.bars, "table": self.table}.get(kind)
        if drawer is None:
            out.append(text(self.x + 8, self.y + 40, "(words)", 12, "#8e8e99"))
        elif not any(values for _, values, _ in self.series):
            out.append(text(self.x + self.w / 2, self.y + self.h / 2 + 8, "No data", 14, "#8e8e99", "middle"))
        else:
            out.extend(drawer())
        return "\n".join(out)

    def color(self, value):
        chosen = "text"
        for step in self.defaults.get("thresholds", {}).get("steps", []):
            if step["value"] is None or value >= step["value"]:
                chosen = step["color"]
        return COLORS.get(chosen, "#ccccdc")

    def stat(self):
        name, values, metric = self.series[0]
        value = values[-1][1]
        words = metric.get("version", number(value, self.unit)) if self.json["options"].get("textMode") == "name" else number(value, self.unit)
        for mapping in self.defaults.get("mappings", []):
            if mapping["type"] == "special" and math.isnan(value):
                words = mapping["options"]["result"]["text"]
            elif mapping["type"] == "value":
                words = mapping["options"].get(f"{value:g}", {}).get("text", words)
        yield text(self.x + self.w / 2, self.y + self.h / 2 + 20, words, 30, self.color(value), "middle", "bold")

    def lines(self):
        shown = [(n, [(t, v) for t, v in p if math.isfinite(v)]) for n, p, _ in self.series]
        shown = [(n, p) for n, p in shown if p] or [("", [(self.span[0], 0.0)])]
        top = max(max(v for _, v in p) for _, p in shown) or 1.0
        low = min(0.0, min(min(v for _, v in p) for _, p in shown))
        upper, lower = self.y + 30, self.y + self.h - 28
        scale = lambda v: lower - (lower - upper) * (v - low) / (top - low or 1)
        ticks = [low + (top - low) * part / 4 for part in range(5)]
        margin = 14 + 6 * max(len(number(value, self.unit)) for value in ticks)
        for value in ticks:
            yield f'<line x1="{self.x + margin}" x2="{self.x + self.w - 12}" y1="{scale(value):.1f}" y2="{scale(value):.1f}" stroke="#2c2f36"/>'
            yield text(self.x + margin - 4, scale(value) + 4, number(value, self.unit), 10, "#8e8e99", "end")
        legend = self.x + 8
        for index, (name, values) in enumerate(shown):
            color = PALETTE[index % len(PALETTE)]
            path = " ".join(f"{self.at(t, margin):.1f},{scale(v):.1f}" for t, v in values)
            yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>'
            if legend + 14 + 6.2 * len(name) < self.x + self.w:
                yield f'<rect x="{legend}" y="{self.y + self.h - 15}" width="10" height="4" fill="{color}"/>'
                yield text(legend + 14, self.y + self.h - 10, name, 10)
                legend += 26 + 6.2 * len(name)

    def states(self):
        options = {k: v for m in self.defaults["mappings"] for k, v in m["options"].items()}
        room = (self.h - 36) / len(self.series)
        for index, (name, values, _) in enumerate(self.series):
            y = self.y + 30 + index * room
            runs = []
            for time, value in values:
                if runs and runs[-1][2] == value:
                    runs[-1][1] = time
                else:
                    if runs:
                        runs[-1][1] = time
                    runs.append([time, time, value])
            for begin, end, value in runs:
                mapped = options.get(f"{value:g}", {"text": f"{value:g}", "color": "text"})
                x1, x2 = self.at(begin, 116), self.at(end, 116)
                yield f'<rect x="{x1:.1f}" y="{y:.1f}" width="{x2 - x1:.1f}" height="{room * 0.8:.1f}" fill="{COLORS.get(mapped["color"], "#ccccdc")}" opacity="0.8"/>'
                if x2 - x1 > 7 * len(mapped["text"]):
                    yield text(x1 + 4, y + room * 0.4 + 4, mapped["text"], 11, "#111217")
            yield text(self.x + 8, y + room * 0.4 + 4, name, 11)

    def heat(self):
        rows = sorted(((float(m["le"].replace("+Inf", "inf")), p) for _, p, m in self.series))
        room, peak = (self.h - 40) / len(rows), 0.0
        cells, before = [], {}
        for index, (bound, values) in enumerate(rows):
            for time, value in values:
                count = value - before.get(time, 0.0)
                before[time] = value
                peak = max(peak, count)
                cells.append((index, time, count))
        width = (self.w - 68) / max(1, len({t for _, t, _ in cells}))
        for index, time, count in cells:
            if count > 0:
                y = self.y + self.h - 10 - (index + 1) * room
                yield f'<rect x="{self.at(time):.1f}" y="{y:.1f}" width="{max(4, width):.1f}" height="{room - 1:.1f}" fill="#ff780a" opacity="{0.35 + 0.65 * count / peak:.2f}"/>'
        for index, (bound, _) in enumerate(rows):
            yield text(self.x + 52, self.y + self.h - 12 - index * room, number(bound, "s") if math.isfinite(bound) else "+Inf", 9, "#8e8e99", "end")

    def bars(self):
        room = min(36, (self.h - 36) / len(self.series))
        for index, (name, values, _) in enumerate(self.series):
            y, value = self.y + 30 + index * room, values[-1][1]
            full = self.w - 190
            yield text(self.x + 8, y + room / 2 + 4, name, 11)
            yield f'<rect x="{self.x + 110}" y="{y:.1f}" width="{full}" height="{room - 8:.1f}" fill="#2c2f36"/>'
            yield f'<rect x="{self.x + 110}" y="{y:.1f}" width="{full * min(1, value):.1f}" height="{room - 8:.1f}" fill="{self.color(value)}"/>'
            yield text(self.x + self.w - 10, y + room / 2 + 2, number(value, self.unit), 11, anchor="end")

    # One row for what has the same name, as Grafana's transformation "merge" does; only what holds at the end.
    def table(self):
        rows = {}
        for name, values, metric in self.series:
            if values[-1][0] < self.span[1] - 1:
                continue
            key = "/".join(metric[k] for k in ("namespace", "inferenceservice", "controller") if k in metric) or name
            rows.setdefault(key, []).append(metric.get("phase") or metric.get("model") or number(values[-1][1], None))
        for index, (key, cells) in enumerate(sorted(rows.items())[:int((self.h - 36) / 20)]):
            yield text(self.x + 12, self.y + 44 + index * 20, key, 11)
            yield text(self.x + self.w - 12, self.y + 44 + index * 20, "   ".join(cells), 11, anchor="end")


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def plot(dashboard, recording):
    answers = {}
    for entry in recording:
        if entry["dashboard"] == dashboard["title"]:
            answers.setdefault(entry["panel"], []).append(entry["result"])
    times = [t for entry in recording for s in entry["result"] for t, _ in s["values"]]
    span = (min(times), max(times))
    drawn = [Panel(p, answers.get(p.get("title"), []), span) for p in panels(dashboard)]
    height = max(p.y + p.h for p in drawn) + 40
    body = "\n".join(p.draw() for p in drawn)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Inter, Helvetica, Arial, sans-serif">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#111217"/>\n{text(8, 22, dashboard["title"], 18, weight="bold")}\n<g transform="translate(3,34)">\n{body}\n</g>\n</svg>\n')


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    recording = json.loads(pathlib.Path(sys.argv[1]).read_text())
    output = pathlib.Path(sys.argv[3])
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
        (output / f"dashboard-{file.stem}.svg").write_text(plot(json.loads(file.read_text()), recording))


main()
