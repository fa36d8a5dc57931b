"""Draws cost and memory against the number of tasks, both axes logarithmic: a line with the slope of the dashed one is linear."""

import math

WIDTH, HEIGHT = 400, 300  # of one chart
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 40, 44
# Colours that a dark page needs are others; a picture in a page follows the reader's setting.
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 11px; fill: #59636e }
  .title { font-size: 13px; font-weight: 600 }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .linear { stroke: #818b98; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none }
  .line { stroke: #0969da; stroke-width: 2; fill: none }
  .dot { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .grid { stroke: #3d444d } .linear { stroke: #9198a1 }
    .line { stroke: #4493f8 } .dot { fill: #4493f8 }
  }
"""


def short(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


class Axis:
    """From values to places, over whole decades."""

    def __init__(self, values, start, end):
        self.low, self.high = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
        self.high = max(self.high, self.low + 1)
        self.start, self.end = start, end

    def place(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def chart(title, points, at):
    """`points`: (tasks, value); the dashed line goes through the last one."""
    x = Axis([tasks for tasks, _ in points], at + LEFT, at + WIDTH - RIGHT)
    y = Axis([value for _, value in points], HEIGHT - BOTTOM, TOP)
    out = [f'<text class="title" x="{at + LEFT}" y="20">{title}</text>']
    for tick in y.ticks():
        out.append(f'<line class="grid" x1="{x.start}" x2="{x.end}" y1="{y.place(tick):.1f}" y2="{y.place(tick):.1f}"/>')
        out.append(f'<text class="small" text-anchor="end" x="{x.start - 8}" y="{y.place(tick) + 4:.1f}">{short(tick)}</text>')
    for tick in x.ticks():
        out.append(f'<text class="small" text-anchor="middle" x="{x.place(tick):.1f}" y="{y.start + 18}">{tick:,.0f}</text>')
    out.append(f'<text class="small" text-anchor="middle" x="{(x.start + x.end) / 2}" y="{y.start + 36}">tasks</text>')
    tasks, value = points[-1]
    least = max(min(one for one, _ in points), tasks * 10.0**y.low / value)  # where the dashed line meets an axis
    out.append(f'<path class="linear" d="M{x.place(least):.1f} {y.place(value * least / tasks):.1f}L{x.place(tasks):.1f} {y.place(value):.1f}"/>')
    places = [(x.place(one), y.place(other)) for one, other in points]
    out.append('<path class="line" d="M' + "L".join(f"{one:.1f} {other:.1f}" for one, other in places) + '"/>')
    for (one, other), (_, value) in zip(places, points):
        out.append(f'<circle class="dot" cx="{one:.1f}" cy="{other:.1f}" r="3.5"/>')
        out.append(f'<text text-anchor="middle" x="{one:.1f}" y="{other - 10:.1f}">{short(value)}</text>')
    out.append(f'<path class="linear" d="M{x.end - 74} 16H{x.end - 46}"/><text class="small" text-anchor="end" x="{x.end}" y="20">linear</text>')
    return out


def draw(scale):
    """An SVG of what bench_scale.scale() found."""
    body = chart("CPU, ms a second", [(row["tasks"], row["cores"] * 1e3) for row in scale], 0)
    body += chart("Memory, MiB", [(row["tasks"], row["resident"] / 2**20) for row in scale], WIDTH)
    label = "; ".join(f"{row['tasks']:,} tasks: {row['cores'] * 1e3:.1f} ms of CPU a second, {row['resident'] / 2**20:.0f} MiB" for row in scale)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" width="{2 * WIDTH}" height="{HEIGHT}" role="img">\n'
            f"<title>{label}</title>\n<style>{STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n")
