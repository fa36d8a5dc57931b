"""Expressions that go wrong where two replmond watch one instance, as pods do while the number of shards changes.

Every series of such an instance is there twice. The two differ in the labels of the target only. An expression must
not give a task or an instance twice, must not count it twice, and must not join where the "one" side is two.

What replmond does itself adds up: two that poll do twice the work. So counters replmond_*_total may be summed.
"""
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = {"job", "instance", "pod", "node"}  # tell one replmond from another
DROPPED = "job, instance, pod, node"
TOKEN = re.compile(r"""\s*(?:\#.*\n\s*)*(?:
    (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>\d[\d.]*(?:e[+-]?\d+)?\w*)
  | (?P<word>[a-zA-Z_:][\w:]*)
  | (?P<matchers>\{(?:"(?:\\.|[^"\\])*"|[^}"])*\})
  | (?P<window>\[[^\]]*\])
  | (?P<sign>==|!=|<=|>=|=~|[-+*/%^<>(),@])
  )\s*""", re.VERBOSE)
# From weak to strong. `^` binds to the right, which changes nothing here.
LEVELS = [{"or"}, {"and", "unless"}, {"==", "!=", "<=", "<", ">=", ">"}, {"+", "-"}, {"*", "/", "%", "atan2"}, {"^"}]
SETS = {"and", "or", "unless"}
ADDING = {"sum", "count", "avg", "stddev", "stdvar", "quantile", "count_values"}
CHOOSING = {"topk", "bottomk"}
AGGREGATIONS = ADDING | CHOOSING | {"min", "max", "group"}


@functools.cache
def watched():
    """Metrics about an instance or its tasks."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| \w+ \| ([^|]*) \|", (ROOT / "docs/metrics.md").read_text())
    return {name for name, labels in rows if "starrocks_instance" in labels.split(", ")}


class Value:
    """What an expression gives: once for each replmond (twice), because it asks for that (asked), about replmond itself
    with the labels of the target (daemon), or a number."""

    def __init__(self, twice=False, asked=False, number=False, work=False, daemon=False):
        self.twice, self.asked, self.number, self.work, self.daemon = twice, asked, number, work, daemon

    @property
    def by_target(self):
        return self.twice or self.asked


class Reader:
    def __init__(self, text, metrics):
        self.metrics, self.found = metrics, []
        self.tokens, at = [], 0
        text = text.strip() + "\n"
        while text[at:].strip():
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"cannot read {text[at:at + 40]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()

    def peek(self):
        return self.tokens[0][1] if self.tokens else None

    def take(self, wanted=None):
        if not self.tokens:
            raise ValueError("it ends too early")
        kind, text = self.tokens.pop(0)
        if wanted and text != wanted:
            raise ValueError(f"{text!r} where {wanted!r} is due")
        return kind, text

    def labels(self):
        self.take("(")
        found = []
        while self.peek() != ")":
            found.append(self.take()[1])
        self.take(")")
        return set(found) - {","}

    def expression(self, level=0):
        if level == len(LEVELS):
            return self.unary()
        left = self.expression(level + 1)
        while self.peek() in LEVELS[level]:
            operator = self.take()[1]
            matching = {}
            while self.peek() in ("bool", "on", "ignoring", "group_left", "group_right"):
                word = self.take()[1]
                matching[word] = self.labels() if self.peek() == "(" and word != "bool" else set()
            left = self.joined(left, operator, matching, self.expression(level + 1))
        return left

    def joined(self, left, operator, matching, right):
        if left.number or right.number:
            return right if left.number else left
        across = "on" in matching and not matching["on"] & TARGET
        if operator in SETS:
            if not across and left.by_target != right.by_target and operator != "or":
                self.found.append(f"`{operator}` never matches: one side has no {DROPPED}")
            kept = (left, right) if operator == "or" else (left,)
            return Value(any(one.twice for one in kept), any(one.asked for one in kept), work=all(one.work for one in kept),
                         daemon=all(one.daemon for one in kept))
        one_sides = {"group_left": [right], "group_right": [left]}
        grouped = next((word for word in one_sides if word in matching), None)
        if across:
            if any(side.by_target for side in one_sides.get(grouped, [left, right])):
                self.found.append(f"`{operator} on` fails where two replmond watch one instance")
            many = {"group_left": left, "group_right": right}.get(grouped)
            return Value(many.twice, many.asked) if many else Value()
        other = right if left.by_target else left
        if left.by_target != right.by_target and not ("on" in matching and other.daemon):
            self.found.append(f"`{operator}` never matches: one side has no {DROPPED}")
        return Value(left.twice or right.twice, left.asked or right.asked, work=left.work and right.work)

    def unary(self):
        while self.peek() in ("-", "+"):
            self.take()
        value = self.primary()
        while self.peek() and (self.tokens[0][0] == "window" or self.peek() in ("offset", "@")):
            if self.take()[1] in ("offset", "@"):
                self.take()
                if self.peek() == "(":
                    self.labels()
        return value

    def primary(self):
        kind, text = self.take()
        if text == "(":
            value = self.expression()
            self.take(")")
            return value
        if kind in ("number", "string"):
            return Value(number=True)
        if kind != "word":
            raise ValueError(f"{text!r} begins no expression")
        if text in AGGREGATIONS and self.peek() in ("(", "by", "without"):
            return self.aggregated(text)
        if self.peek() == "(":
            return self.called(text)
        if self.tokens and self.tokens[0][0] == "matchers":
            self.take()
        return Value(twice=text in self.metrics, work=text.startswith("replmond_") and text.endswith("_total"),
                     daemon=":" not in text and text not in self.metrics)

    def arguments(self):
        self.take("(")
        values = []
        while self.peek() != ")":
            values.append(self.expression())
            if self.peek() == ",":
                self.take()
        self.take(")")
        return values

    def called(self, name):
        values = self.arguments()
        if name in ("time", "scalar", "pi"):
            return Value(number=True)
        if name in ("vector", "absent", "absent_over_time"):
            return Value()
        series = [value for value in values if not value.number]
        return series[0] if series else Value(number=True)

    def grouping(self):
        return (self.take()[1], self.labels()) if self.peek() in ("by", "without") else (None, set())

    def aggregated(self, name):
        word, labels = self.grouping()
        value = self.arguments()[-1]
        if not word:
            word, labels = self.grouping()
        dropped = labels & TARGET == set() if word != "without" else labels >= TARGET
        if name in CHOOSING:
            return value
        if name in ADDING and dropped and value.by_target and not value.work:
            self.found.append(f"`{name}` counts an instance twice where two replmond watch it: take max, min or group by what it is of first")
        if dropped:
            return Value()
        return Value(value.twice and word == "without", value.by_target and word != "without", work=value.work)


@functools.cache
def mistakes(expr, asked=False):
    """What goes wrong in an expression; `asked`: it may give one series for each replmond where it says so."""
    reader = Reader(expr, watched())
    value = reader.expression()
    if reader.tokens:
        raise ValueError(f"cannot read from {reader.peek()!r} on")
    found = list(dict.fromkeys(reader.found))
    if value.twice or value.asked and not asked:
        found.append(f"gives an instance or a task twice where two replmond watch it: drop {DROPPED}")
    return found
