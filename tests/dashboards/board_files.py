"""The boards as they are shipped, and their queries as Grafana would send them."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dashboards").glob("*.json"))
LABEL_VALUES = re.compile(r"label_values\((?:(.+), *)?(\w+)\)")


def boards():
    return {path.stem: json.loads(path.read_text()) for path in FILES}


def panels(board):
    """Every panel that shows something, those of rows included."""
    for panel in board["panels"]:
        yield from (one for one in [panel, *panel.get("panels", [])] if one["type"] != "row")


def variables(board, kind):
    return [variable for variable in board["templating"]["list"] if variable["type"] == kind]


def expressions(board):
    """(where, expression) of all panels, marks and variables."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield f"{panel['title']}: {target['refId']}", target["expr"]
    for mark in board["annotations"]["list"]:
        yield f"mark {mark['name']}", mark["expr"]
    for variable in variables(board, "query"):
        if found := LABEL_VALUES.fullmatch(variable["query"]):
            yield f"variable {variable['name']}", f"count by ({found[2]}) ({found[1]})"


def filled(text, values):
    """With variables in place: `$x` and `${x}`. A name without a value stays."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: str(values.get(found[1] or found[2], found[0])), text)


# What stands for the variables where only the form of a query matters.
ANY = {"job": ".+", "instance": ".+", "project": ".+", "starrocks_instance": ".+", "task": "sync", "window": "1800",
       "__rate_interval": "1m", "__range": "6h", "__interval": "15s"}
