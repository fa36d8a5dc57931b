"""Holds lines of the log to docs/events.md: the event is there, and has the level and the keys that are said of it."""

import functools
import json
import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/events.md"
# Of every line, or of those that are stored.
COMMON = {"time", "level", "msg", "event", "project", "starrocks_instance", "task", "event_id", "replayed"}
PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?: |$)')


@functools.lru_cache(maxsize=1)
def documented():
    """Name -> (whether it is stored, levels, keys that its line always has, keys that it may have)."""
    rows = re.findall(r"^\| `([a-z_]+)`( \*)? \| ([^|]*) \| [^|]* \| ([^|]*) \| ([^|]*) \|$", PAGE.read_text(), re.M)
    return {name: (bool(stored), set(re.findall(r"[A-Z]{4,}", levels)), *(set(re.findall(r"`(\w+)`", keys)) for keys in (always, maybe)))
            for name, stored, levels, always, maybe in rows}


def keys_of(line):
    """The keys of a line of the log with their values; None if it is no such line."""
    line = re.sub(r"^<\d>", "", line)
    if line.startswith("{"):
        try:
            pairs = json.loads(line)
        except ValueError:
            return None
        return pairs if isinstance(pairs, dict) and "event" in pairs else None
    if not re.match(r"time=\S+ level=[A-Z]+ msg=\"", line):
        return None
    pairs, at = {}, 0
    while at < len(line):
        found = PAIR.match(line, at)
        if not found:
            return {"event": "", "": line[at:]}
        pairs[found[1]] = found[2]
        at = found.end()
    return pairs


def wrong_lines(text):
    """What docs/events.md does not say of whole lines of the log."""
    for line in text.split("\n")[:-1]:
        pairs = keys_of(line)
        if pairs is None:
            continue
        if pairs["event"] not in documented():
            yield f"no such event: {line}"
            continue
        stored, levels, always, maybe = documented()[pairs["event"]]
        missing, unknown = always - set(pairs), set(pairs) - always - maybe - COMMON
        if not stored and "event_id" in pairs:
            unknown.add("event_id")
        if missing or unknown or pairs["level"] not in levels:
            yield f"level or keys ({', '.join(sorted(missing | unknown))}) differ from docs/events.md: {line}"
