"""What must hold for every board: the rules of grafana/dashboard-linter under their names, and some of our own."""
import collections
import pathlib
import re
import subprocess
import tempfile

import yaml

import counters
import duplicates
from board_files import ANY, LABEL_VALUES, ROOT, expressions, filled, panels, variables

# Of Grafana's list, those that are used. https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
UNITS = {"none", "percentunit", "s", "bytes"}
KINDS = {"stat", "table", "timeseries", "state-timeline"}
ON_TIME_RANGE_CHANGE = 2
OF_TASK = ("project", "starrocks_instance", "task")  # parameters of a task's page of the daemon
SOURCES = {"${datasource}", "$datasource"}
GIVEN = {"__rate_interval", "__range", "__interval", "__url_time_range", "__data", "__field", "__value", "__all"}
# Words of PromQL that are no metrics.
WORDS = {"and", "or", "unless", "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "end", "start"}
OF_PROMETHEUS = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}


def known_metrics():
    text = (ROOT / "docs/metrics.md").read_text()
    names = set(re.findall(r"(?m)^\| `(\w+)` \|", text)) | OF_PROMETHEUS
    histograms = set(re.findall(r"(?m)^\| `(\w+)` \| histogram", text))
    return names | {name + part for name in histograms for part in ("_bucket", "_sum", "_count")}


def selectors(expr):
    """(function around it, metric, matchers, range) of each selector."""
    text = re.sub(r"\boffset\s+\S+|@ (?:start|end)\(\)", " ", expr)
    text = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    form = r'(?:\b(\w+)\(\s*)?(?<![\w:."$])([a-zA-Z_:][\w:]*)(?![\w:]*\s*\()(?:\{((?:"[^"]*"|[^}"])*)\})?(?:\[([^\]]*)\])?'
    for function, metric, matchers, window in re.findall(form, re.sub(r"\bgroup\b\s+(?=\()", "group", text)):
        if metric not in WORDS:
            yield function, metric, matchers, window


def board_mistakes(name, board, uids):
    if board["editable"]:
        yield "uneditable-dashboard", "it can be edited"
    if "__inputs" in board or "__requires" in board:
        yield "provisionable", "it wants to be imported by hand"
    if board["id"] is not None:
        yield "provisionable", "its id is not null"
    if board["uid"] != name:
        yield "provisionable", f"its uid {board['uid']} is not the name of its file"
    if not re.fullmatch(r"[1-9]\d*[sm]", board["refresh"]) or int(board["refresh"][:-1]) * {"s": 1, "m": 60}[board["refresh"][-1]] < 15:
        yield "refresh", f"{board['refresh']} is not a refresh that Prometheus bears"
    led = {link["url"].split("?")[0].removeprefix("/d/") for link in board["links"]}
    if led != uids - {name}:
        yield "links", f"leads to {sorted(led)}"


def template_mistakes(board):
    sources = variables(board, "datasource")
    if [(one["name"], one["label"], one["query"]) for one in sources] != [("datasource", "Data source", "prometheus")]:
        yield "template-datasource", "there is no variable datasource for Prometheus"
    found = {one["name"]: one for one in variables(board, "query")}
    for name in ("job", "instance"):
        one = found.get(name)
        if not one or one["label"] != name.title() or not one["multi"] or one.get("allValue") != ".+":
            yield f"template-{name}", "there is no such variable for several, with .+ for all"
    for one in found.values():
        if not LABEL_VALUES.fullmatch(one["query"]):
            yield "template-label-promql", f"{one['name']}: {one['query']}"
        if one["datasource"].get("uid") not in SOURCES:
            yield "template-datasource", f"{one['name']} asks another source"
        if one["refresh"] != ON_TIME_RANGE_CHANGE:
            yield "template-on-time-change-reload", f"{one['name']} is not read again when the time changes"
        if one["includeAll"] and one["current"].get("value") != ["$__all"]:
            yield "template-current", f"{one['name']} is not everything at first"


def unit_of(panel):
    units = [entry["value"] for other in panel["fieldConfig"]["overrides"] for entry in other["properties"] if entry["id"] == "unit"]
    return [panel["fieldConfig"]["defaults"].get("unit"), *units]


def panel_mistakes(panel):
    if panel["type"] not in KINDS:
        yield "panel-type", f"nobody has seen a {panel['type']} drawn"
    if not panel.get("title") or not panel.get("description", "").endswith((".", "?")):
        yield "panel-title-description", "lacks a title, or a description in a sentence"
    if bad := [unit for unit in unit_of(panel) if unit not in UNITS]:
        yield "panel-units", f"{bad}"
    if panel.get("datasource", {}).get("uid") not in SOURCES:
        yield "panel-datasource", "asks another source"
    if not panel.get("targets"):
        yield "panel-no-targets", "asks nothing"
    for target in panel.get("targets", []):
        if target.get("datasource", {}).get("uid") not in SOURCES:
            yield "panel-datasource", f"{target['refId']} asks another source"
    refs = [target["refId"] for target in panel.get("targets", [])]
    if len(set(refs)) != len(refs):
        yield "target-ref", "two targets have one name"
    about_lag = any(re.search(r"_lag_seconds|heartbeat_timestamp", target["expr"]) for target in panel.get("targets", []))
    if about_lag and panel["type"] != "table" and "docs/lag.md" not in panel["fieldConfig"]["defaults"].get("noValue", ""):
        yield "panel-lag", "does not say how to measure it, where nobody does"
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    if steps[0]["value"] is not None or [s["value"] for s in steps[1:]] != sorted(s["value"] for s in steps[1:]):
        yield "panel-thresholds", "are not in order from below"


def table_mistakes(panel):
    """Overrides, order and sorting name what is there."""
    columns = {f"Value #{target['refId']}" for target in panel["targets"]} if len(panel["targets"]) > 1 else {"Value"}
    labels = {label for target in panel["targets"] for label in re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", target["expr"])))}
    named = {other["matcher"]["options"]: {p["id"]: p["value"] for p in other["properties"]} for other in panel["fieldConfig"]["overrides"]}
    organize = next((one["options"] for one in panel["transformations"] if one["id"] == "organize"), {"indexByName": {}, "excludeByName": {}})
    for field in {*named, *organize["indexByName"], *organize["excludeByName"]}:
        if field.startswith("Value") and field not in columns:
            yield "table-columns", f"there is no {field}"
        elif labels and not field.startswith("Value") and field not in labels | {"Time", "__name__"} and "without" not in panel["targets"][0]["expr"]:
            yield "table-columns", f"no query has the label {field}"
    titles = {looks.get("displayName") for looks in named.values()}
    for one in panel["options"]["sortBy"]:
        if one["displayName"] not in titles:
            yield "table-sort", f"there is no column {one['displayName']}"
    for column in columns - set(organize["excludeByName"]):
        if "displayName" not in named.get(column, {}):
            yield "table-columns", f"{column} has no title"


def timeline_mistakes(panel):
    """What cannot be drawn outside Grafana: numbers are mapped to words and colours, neighbours are one."""
    words = [one["options"] for one in panel["fieldConfig"]["defaults"]["mappings"] if one["type"] == "value"]
    known = {number for one in words for number, look in one.items() if look["text"] and look["color"]}
    for target in panel["targets"]:
        without_strings = re.sub(r'"[^"]*"', "", target["expr"])
        for number in set(re.findall(r"(?:^|or|\()\s*(\d+) \*", without_strings)) - known:
            yield "timeline-words", f"{target['refId']}: {number} has no word and colour"
    options = panel["options"]
    if not (options["mergeValues"] is True and options["showValue"] in ("auto", "always", "never") and 0 < options["rowHeight"] <= 1
            and options["alignValue"] in ("left", "center", "right")):
        yield "timeline-options", f"{options}"
    if any(target["instant"] for target in panel["targets"]):
        yield "timeline-options", "needs values over time"
    if not all(target["legendFormat"] for target in panel["targets"]):
        yield "timeline-options", "its rows have no names"


def grid_mistakes(board):
    ids = collections.Counter(panel["id"] for panel in board["panels"])
    if twice := [one for one, count in ids.items() if count > 1]:
        yield "panel-ids", f"{twice} more than once"
    titles = collections.Counter(panel["title"] for panel in board["panels"])
    if twice := [one for one, count in titles.items() if count > 1]:
        yield "panel-titles", f"{twice} more than once"
    taken = {}
    for panel in board["panels"]:
        grid = panel["gridPos"]
        if grid["x"] < 0 or grid["w"] < 1 or grid["x"] + grid["w"] > 24:
            yield "panel-grid", f"{panel['title']} is not within 24 columns"
        for cell in ((x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])):
            if taken.setdefault(cell, panel["title"]) != panel["title"]:
                yield "panel-grid", f"{panel['title']} covers {taken[cell]}"
                break


def expression_mistakes(expr, metrics):
    found = list(selectors(counters.without_births(expr)))
    if not found:
        yield "target-promql", "reads no metric"
    for what in counters.mistakes(expr):
        yield "target-counter-birth", what
    for function, metric, matchers, window in found:
        if metric not in metrics:
            yield "target-metrics", f"docs/metrics.md has no {metric}"
        for name in ("job", "instance"):
            if f'{name}=~"${name}"' not in matchers:
                yield f"target-{name}", f"{metric} lacks {name}=~\"${name}\""
        if metric.endswith(("_total", "_bucket")) and (function not in ("rate", "irate", "increase") or not window):
            yield "target-counter-agg", f"{metric} is a counter"
        if function in ("rate", "irate") and window != "$__rate_interval":
            yield "target-rate-interval", f"{function}({metric}) over {window}"
        if window == "$__rate_interval" and function not in ("rate", "irate", "increase", "changes"):
            yield "target-rate-interval", f"{function}({metric}) over $__rate_interval"


def duplicate_mistakes(expr):
    """Of what is about instances and tasks. A table of daemons may have a row for each."""
    try:
        for what in duplicates.mistakes(filled(expr, ANY), asked=True):
            yield "target-duplicates", what
    except ValueError as why:
        yield "target-promql", str(why)


def url_mistakes(board, boards):
    """Links lead to boards that are there, set variables that they have, and name fields safely."""
    found = [link["url"] for link in board["links"]]
    for panel in panels(board):
        found += [link["url"] for link in panel["fieldConfig"]["defaults"].get("links", [])]
        found += [link["url"] for other in panel["fieldConfig"]["overrides"] for entry in other["properties"] if entry["id"] == "links" for link in entry["value"]]
    for url in found:
        path, _, query = url.partition("?")
        if path == "${__value.raw}/task":
            if query != "&".join(f"{name}=${{__data.fields.{name}:percentencode}}" for name in OF_TASK):
                yield "links", f"{url} does not name a task of the row"
            continue
        target = boards.get(path.removeprefix("/d/"))
        if not path.startswith("/d/") or target is None:
            yield "links", f"{url} leads to no board"
            continue
        names = {variable["name"] for variable in target["templating"]["list"]}
        for name in re.findall(r"var-(\w+)=", query):
            if name not in names:
                yield "links", f"{url}: {target['uid']} has no {name}"
        if re.search(r"=\$\{__(data|field)\.[^:}]*\}", query):
            yield "links", f"{url} does not encode what it names"
        if "${datasource:queryparam}" not in query:
            yield "links", f"{url} loses the data source"


def variable_mistakes(board):
    names = {variable["name"] for variable in board["templating"]["list"]} | GIVEN
    for name in set(re.findall(r"\$\{?(\w+)", str(board))) - names:
        yield "variables", f"there is no ${name}"


def promql_mistakes(boards, promtool="promtool"):
    """All expressions at once, as promtool reads them."""
    named = {(name, where): filled(expr, ANY) for name, board in boards.items() for where, expr in expressions(board)}
    rules = [{"record": f"query_{number}", "expr": expr} for number, expr in enumerate(named.values())]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "queries.yaml"
        path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
        done = subprocess.run([promtool, "check", "rules", "--lint=none", path], capture_output=True, text=True)
    output = done.stdout + done.stderr
    found = re.findall(r'"query_(\d+)": (.*)', output)
    for number, why in found:
        yield "target-promql", f"{' / '.join(list(named)[int(number)])}: {why}"
    if done.returncode and not found:
        yield "target-promql", output


def mistakes(boards):
    """(rule, what) of everything that is wrong."""
    metrics, uids = known_metrics(), set(boards)
    for name, board in boards.items():
        found = [*board_mistakes(name, board, uids), *template_mistakes(board), *grid_mistakes(board), *url_mistakes(board, boards), *variable_mistakes(board)]
        for panel in panels(board):
            kinds = {"table": table_mistakes, "state-timeline": timeline_mistakes}
            more = [*panel_mistakes(panel), *(kinds[panel["type"]](panel) if panel["type"] in kinds and panel.get("targets") else ())]
            found += [(rule, f"{panel.get('title')}: {what}") for rule, what in more]
        for where, expr in expressions(board):
            found += [(rule, f"{where}: {what}") for rule, what in expression_mistakes(expr, metrics) if not where.startswith("variable ")
                      or rule not in ("target-job", "target-instance")]
            if not where.startswith("variable "):
                found += [(rule, f"{where}: {what}") for rule, what in duplicate_mistakes(expr)]
        yield from ((rule, f"{name}: {what}") for rule, what in found)
    yield from promql_mistakes(boards)
