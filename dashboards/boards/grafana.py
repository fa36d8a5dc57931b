"""Grafana's JSON, as plain dictionaries: what 9.5 writes, and newer ones read."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
MADE_WITH = "9.5.0"  # newer Grafana migrate panels from here


# Queries

def over_time(expr, legend="", ref="A"):
    """One line for each series."""
    return {"refId": ref, "datasource": DATASOURCE, "editorMode": "code", "expr": expr, "format": "time_series",
            "instant": False, "range": True, "legendFormat": legend}


def now(expr, legend="", ref="A"):
    """The last value of each series."""
    return {**over_time(expr, legend, ref), "instant": True, "range": False}


def column(name, expr):
    """The last values as a column of a table, called `Value #name`; labels become columns as well."""
    return {**now(expr, "", name), "format": "table"}


# How values look

def thresholds(base, *steps):
    """The colour below the first step, then (from, colour)."""
    return {"mode": "absolute", "steps": [{"color": base, "value": None}] + [{"color": c, "value": v} for v, c in steps]}


def words(named):
    """{value: (text, colour)} as a value mapping."""
    options = {str(value): {"text": text, "color": colour, "index": i} for i, (value, (text, colour)) in enumerate(named.items())}
    return {"type": "value", "options": options}


def from_on(limit, text, colour):
    """Everything from a limit on, in words."""
    return {"type": "range", "options": {"from": limit, "to": None, "result": {"text": text, "color": colour, "index": 0}}}


def any_text(text):
    """A word in place of whatever text it is."""
    return {"type": "regex", "options": {"pattern": ".+", "result": {"text": text, "index": 0}}}


BACKGROUND = {"type": "color-background", "mode": "basic"}
TEXT = {"type": "color-text"}


def by_name(field, **properties):
    """Other looks for one field; `custom_x` is Grafana's custom.x."""
    return override("byName", field, properties)


def by_pattern(pattern, **properties):
    return override("byRegexp", pattern, properties)


def override(matcher, options, properties):
    ids = {name: name.replace("custom_", "custom.") for name in properties}
    return {"matcher": {"id": matcher, "options": options},
            "properties": [{"id": ids[name], "value": value} for name, value in properties.items()]}


def colour(name):
    return {"mode": "fixed", "fixedColor": name}


ROW, LINE = "__data.fields", "__field.labels"  # what a link is clicked on


def link(title, uid, clicked=None, *names):
    """To a board, for the same data and time, with these variables as in the row or line that was clicked."""
    chosen = "".join(f"var-{name}=${{{clicked}.{name}:percentencode}}&" for name in names)
    return {"title": title, "url": f"/d/{uid}?{chosen}${{datasource:queryparam}}&${{__url_time_range}}", "targetBlank": False}


def page_link(title, *names):
    """From a cell that holds replmond's own address to the page of the task that these fields of the row name."""
    chosen = "&".join(f"{name}=${{{ROW}.{name}:percentencode}}" for name in names)
    return {"title": title, "url": f"${{__value.raw}}/task?{chosen}", "targetBlank": True}


# Panels

def panel(kind, title, description, queries, options, unit=None, custom=None, overrides=(), links=(), **defaults):
    field = {"color": {"mode": "thresholds"}, "mappings": [], "thresholds": thresholds("green"), **defaults}
    if unit:
        field["unit"] = unit
    if custom is not None:
        field["custom"] = custom
    if links:
        field["links"] = list(links)
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "pluginVersion": MADE_WITH,
            "targets": list(queries), "fieldConfig": {"defaults": field, "overrides": list(overrides)}, "options": options,
            "transformations": []}


def stat(title, description, queries, unit="none", painted=True, **more):
    """Big numbers, one for each series; good or bad ones are painted by threshold or mapping."""
    options = {"colorMode": "background" if painted else "value", "graphMode": "none", "justifyMode": "center", "orientation": "vertical",
               "percentChangeColorMode": "standard", "showPercentChange": False,
               "textMode": "auto" if len(queries) == 1 else "value_and_name", "wideLayout": True,
               "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return panel("stat", title, description, queries, options, unit, **more)


def lines(title, description, queries, unit, fill=0, stacked=False, bars=False, steps=False, legend="list", below_zero=False, custom=None,
          **more):
    """Time series. Gaps stay gaps: a missing scrape is to be seen."""
    drawn = {"drawStyle": "bars" if bars else "line", "lineInterpolation": "stepAfter" if steps else "linear", "lineWidth": 1,
             "fillOpacity": 70 if bars else fill,
             "gradientMode": "none", "showPoints": "never", "pointSize": 5, "spanNulls": False, "axisLabel": "", "axisPlacement": "auto",
             "stacking": {"mode": "normal" if stacked or bars else "none", "group": "A"}, **(custom or {})}
    options = {"legend": {"displayMode": legend, "placement": "right" if legend == "table" else "bottom", "showLegend": True,
                          "calcs": ["lastNotNull", "max"] if legend == "table" else []},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    usual = {"color": {"mode": "palette-classic"}, **({} if below_zero else {"min": 0})}
    return panel("timeseries", title, description, queries, options, unit, drawn, **{**usual, **more})


def timeline(title, description, queries, mappings, **more):
    options = {"alignValue": "left", "mergeValues": True, "rowHeight": 0.85, "showValue": "auto",
               "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
               "tooltip": {"mode": "single", "sort": "none"}}
    return panel("state-timeline", title, description, queries, options, "none", {"fillOpacity": 85, "lineWidth": 0, "spanNulls": False},
                 mappings=mappings, **more)


def table(title, description, columns, order, hidden=(), sort=None, overrides=(), **more):
    """Columns in this order, rows joined on every label that all queries share."""
    options = {"cellHeight": "sm", "showHeader": True, "frameIndex": 0,
               "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": []},
               "sortBy": [{"displayName": name, "desc": desc} for name, desc in sort or ()]}
    made = panel("table", title, description, columns, options, "none",
                 {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": True}, overrides=overrides, **more)
    made["transformations"] = [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": {name: True for name in ("Time", *hidden)}, "renameByName": {},
                                       "indexByName": {name: i for i, name in enumerate(order)}}}]
    return made


# Boards

def datasource_variable():
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1, "regex": "",
            "multi": False, "includeAll": False, "hide": 0, "skipUrlSync": False, "options": [], "current": {}}


def variable(name, label, values, multi=True):
    """The values of a label; several, or all, unless told otherwise."""
    found = {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "query": values, "definition": values, "refresh": 2,
             "regex": "", "sort": 1, "multi": multi, "includeAll": multi, "hide": 0, "skipUrlSync": False, "options": [], "current": {}}
    if multi:
        found.update(allValue=".+", current={"selected": True, "text": ["All"], "value": ["$__all"]})
    return found


def choice(name, label, choices, default):
    """A variable with fixed values: {text: value}."""
    options = [{"text": text, "value": value, "selected": text == default} for text, value in choices.items()]
    return {"name": name, "label": label, "type": "custom", "query": ", ".join(f"{text} : {value}" for text, value in choices.items()),
            "multi": False, "includeAll": False, "hide": 0, "skipUrlSync": False, "options": options,
            "current": next(option for option in options if option["selected"])}


def annotation(name, title, expr, colour_name, tags):
    """Marks at the times, in milliseconds, that the expression gives."""
    return {"name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": colour_name, "expr": expr, "step": "",
            "titleFormat": title, "textFormat": "", "tagKeys": tags, "useValueForTime": True}


def board_link(title, uid):
    return {"type": "link", "title": title, "url": f"/d/{uid}?${{datasource:queryparam}}", "icon": "dashboard", "tooltip": "", "tags": [],
            "asDropdown": False, "targetBlank": False, "includeVars": False, "keepTime": True}


def placed(rows):
    """Panels one below the other: rows are a title, or a height and the panels with their widths (24 in all)."""
    y, panels = 0, []
    for row in rows:
        if isinstance(row, str):
            panels.append({"type": "row", "title": row, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
            y += 1
            continue
        height, cells = row
        x = 0
        for width, cell in cells:
            panels.append({**cell, "gridPos": {"x": x, "y": y, "w": width, "h": height}})
            x += width
        y += height
    return [{"id": i, **one} for i, one in enumerate(panels, 1)]


def board(uid, title, description, variables, rows, links, since="now-6h", refresh="30s", annotations=()):
    return {"id": None, "uid": uid, "title": title, "description": description, "tags": ["replmond"], "editable": False,
            "schemaVersion": 38, "version": 1, "timezone": "", "weekStart": "", "fiscalYearStartMonth": 0, "graphTooltip": 1,
            "liveNow": False, "refresh": refresh, "time": {"from": since, "to": "now"}, "timepicker": {},
            "annotations": {"list": list(annotations)}, "links": list(links), "templating": {"list": list(variables)}, "panels": placed(rows)}
