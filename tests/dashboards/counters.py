"""Counters of which not every series exists from the start, and the expressions that miss their first event.

Such a series begins at 1 with the first event, and increase() counts from there. An expression sees that event as well
where it takes the whole value of a series that is new in the window:

  (x unless x offset 15m …) or increase(x[15m])
  (max_over_time(x[15m]) unless max_over_time(x[5m] offset 15m) …) or increase(x[15m])
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECTION = re.compile(r"(?ms)^## Counters that begin later$(.*?)(?=^## |\Z)")
MATCHERS = r'(?:\{(?:"(?:\\.|[^"\\])*"|[^}"])*\})?'


def later():
    """{family: {label: the values that exist from the start}}; an empty one: no series does."""
    section = SECTION.search((ROOT / "docs/metrics.md").read_text())[1]
    families = {}
    for family, what in re.findall(r"(?m)^\| `(\w+)` \| (.*) \|$", section):
        pairs = [] if what == "none" else [part.split(": ") for part in what.split("; ")]
        families[family] = {label: set(values.split(", ")) for label, values in pairs}
    return families


def selector(families):
    return rf"(?<![\w:])(?:{'|'.join(families)})(?:_bucket|_sum|_count)?(?![\w:]){MATCHERS}"


def births(families):
    """A series that is new in a window, in both forms."""
    window = r"(?P<window>[\w$]+)"
    series = f"(?P<series>{selector(families)})"
    return [re.compile(rf"{series}\s+unless\s+(?P=series)\s+offset\s+{window}"),
            re.compile(rf"max_over_time\(\s*{series}\[{window}\]\s*\)\s+unless\s+"
                       r"max_over_time\(\s*(?P=series)\[\w+\]\s+offset\s+(?P=window)\s*\)")]


def without_births(expr):
    """What is left of an expression without what finds new series."""
    for form in births(later()):
        expr = form.sub("1", expr)
    return expr


def from_the_start(series, families):
    """Whether matchers leave only series that exist from the start."""
    family = next(name for name in families if re.match(rf"{name}(_bucket|_sum|_count)?(?!\w)", series))
    chosen = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', series))
    return bool(families[family]) and all(chosen.get(label) in values for label, values in families[family].items())


def mistakes(expr):
    """Where an expression misses the first event of a series."""
    families = later()
    rest = expr
    for form in births(families):
        for found in form.finditer(expr):
            counted = rf"(?:increase|rate)\(\s*{re.escape(found['series'])}\[{re.escape(found['window'])}\]\s*\)"
            rest = re.sub(counted, "1", rest.replace(found[0], "1"))
    for series in re.findall(selector(families), rest):
        if not from_the_start(series, families):
            yield f"misses the first event of {series}, which begins with it"
