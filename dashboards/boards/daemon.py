"""Daemon: is replmond itself well, and does it get what it needs from the cloud?"""
from . import grafana
from .grafana import BACKGROUND, TEXT, by_name, by_pattern, colour, column, from_on, now, over_time, thresholds, words
from .tasks import DAEMON

UID = "replmond-daemon"
PROJECT = DAEMON + ', project=~"$project"'
ANY_IS_BAD = thresholds("transparent", (1e-9, "red"))
ODD = [by_pattern(".*", color=colour("orange"))]
KNOWN = f"last_over_time(replmond_build_info{{{DAEMON}}}[$__range])"  # also of targets that are down now
RESULTS = {"inconsistent": "yellow", "throttled": "orange", "auth": "red", "network": "purple", "timeout": "#b877d9",
           "tls": "super-light-red", "http": "dark-red", "protocol": "dark-orange"}


# What is as it ought to be among bars: a line that does not fill the panel.
LINE = {"custom_drawStyle": "line", "custom_fillOpacity": 0, "custom_stacking": {"mode": "none", "group": "A"}}


def as_line(name):
    return by_name(name, color=colour("text"), **LINE)


# The length of $__rate_interval in seconds: Grafana 9.5 has no number for it.
RATE_SECONDS = "scalar(time() - last_over_time(vector(time())[1s:1s] offset $__rate_interval))"


def each_minute(metric, labels, matchers=PROJECT):
    return f"60 * sum by ({labels}) (rate({metric}{{{matchers}}}[$__rate_interval]))"


def counted(metric, matchers):
    """Within $__rate_interval, where series begin with the first event that they count: increase() does not see that one.
    A series is new where its target answered that long ago, and did not have it."""
    series = f"{metric}{{{matchers}}}"
    return f"""
    (
      {series} unless {series} offset $__rate_interval
        and on (job, instance)
      up{{{DAEMON}}} offset $__rate_interval == 1
    )
      or
    increase({series}[$__rate_interval])
"""


def counted_each_minute(metric, labels, matchers=PROJECT):
    return f"60 / {RATE_SECONDS} * sum by ({labels}) ({counted(metric, matchers)}) > 0"


def right_now():
    stat = grafana.stat
    lost = f"sum(increase(replmond_journal_dropped_total{{{DAEMON}}}[$__range]))"
    return 4, [
        (4, stat("Targets up", "replmond that answer Prometheus, of those that did within the time shown.", [
            now(f"sum(up{{{DAEMON}}} and on (job, instance) {KNOWN})", "up"),
            now(f"sum(1 - up{{{DAEMON}}} and on (job, instance) {KNOWN})", "down", "B")],
            thresholds=thresholds("transparent"), overrides=[by_name("down", thresholds=thresholds("transparent", (1, "red")))])),
        (4, stat("Instances failing anywhere", "StarRocks instances whose last poll failed in any replmond that polls them.",
                 [now(f"sum(1 - min by (project, starrocks_instance) (replmond_poll_success{{{PROJECT}}}))")],
                 thresholds=thresholds("transparent", (1, "red")))),
        (4, stat("Credentials held", "Projects whose credential the cloud refused: nothing of them is read meanwhile.",
                 [now(f"sum(1 - min by (project) (replmond_credential_usable{{{PROJECT}}}))")], thresholds=thresholds("transparent", (1, "red")))),
        (4, stat("Configuration", "The last load or reload. Refused: the one before stays in force, a restart would fail.",
                 [now(f"min(replmond_config_last_reload_successful{{{DAEMON}}})")],
                 mappings=[words({0: ("refused", "red"), 1: ("loaded", "transparent")})])),
        (4, stat("State write errors", "Within the time shown. Events and ages wait in memory until a write succeeds.",
                 [now(f"sum(increase(replmond_state_write_errors_total{{{DAEMON}}}[$__range]))")], decimals=0, thresholds=ANY_IS_BAD)),
        (4, stat("Lines lost", "Log lines and events that were dropped within the time shown, because too many waited.",
                 [now(lost)], decimals=0, thresholds=ANY_IS_BAD)),
    ]


def daemons():
    per_target = "by (job, instance)"
    up = words({0: ("down", "red"), 1: ("up", "transparent")})
    loaded = words({0: ("refused", "red"), 1: ("loaded", "text")})
    return 6, [(24, grafana.table("Daemons", "Everything that was scraped within the time shown, down first.", [
        column("up", f"up{{{DAEMON}}} and on (job, instance) {KNOWN}"),
        column("build", f"topk {per_target} (1, max by (job, instance, version, revision) ({KNOWN}))"),
        column("started", f"time() - max {per_target} (process_start_time_seconds{{{DAEMON}}})"),
        column("loaded", f"max {per_target} (replmond_config_last_reload_successful{{{DAEMON}}})"),
        column("since", f"time() - max {per_target} (replmond_config_last_reload_success_timestamp_seconds{{{DAEMON}}})"),
        column("instances", f"count {per_target} (replmond_poll_interval_seconds{{{PROJECT}}})"),
        column("waiting", f"max {per_target} (replmond_journal_waiting{{{DAEMON}}})"),
        column("shard", f"max by (job, instance, shard, shards) (replmond_shard_info{{{DAEMON}}})"),
    ],
        ["Value #up", "job", "instance", "version", "revision", "Value #started", "Value #loaded", "Value #since", "Value #instances",
         "Value #waiting", "shard", "shards"],
        hidden=["__name__", "Value #build", "Value #shard"], sort=[("Target", False), ("Instance", False)],
        overrides=[
            by_name("Value #up", displayName="Target", mappings=[up], custom_cellOptions=BACKGROUND, custom_align="center", custom_width=80),
            by_name("job", displayName="Job"), by_name("instance", displayName="Instance"),
            by_name("version", displayName="Version", custom_width=90), by_name("revision", displayName="Revision", custom_width=130),
            by_name("Value #started", displayName="Running for", unit="s", decimals=1, custom_width=120),
            by_name("Value #loaded", displayName="Configuration", mappings=[loaded], custom_cellOptions=TEXT, custom_align="left", custom_width=120),
            by_name("Value #since", displayName="Loaded", unit="s", decimals=1, custom_width=110),
            by_name("Value #instances", displayName="Instances", custom_width=100), by_name("Value #waiting", displayName="Lines waiting", custom_width=120),
            by_name("shard", displayName="Shard", custom_width=80), by_name("shards", displayName="Of", custom_width=70),
        ]))]


def polls():
    share = "max by (starrocks_instance) (\n  replmond_poll_duration_seconds{%s}\n    /\n  replmond_poll_interval_seconds{%s}\n)" % (PROJECT, PROJECT)
    return 8, [
        (8, grafana.lines("Polls a minute", "By how they ended. The line: those that succeeded.",
                          [over_time(each_minute("replmond_polls_total", "result") + " > 0", "{{result}}")], "none", bars=True,
                          overrides=[as_line("success"), *(by_name(result, color=colour(name)) for result, name in RESULTS.items())])),
        (8, grafana.lines("Duration against interval",
                          "The last poll's duration as a share of the instance's interval, the 10 slowest. Above 100 % ticks are skipped.",
                          [over_time(f"topk(10, {share})", "{{starrocks_instance}}")], "percentunit",
                          thresholds=thresholds("transparent", (1, "red")), custom={"thresholdsStyle": {"mode": "dashed"}, "axisSoftMax": 0.2})),
        (8, grafana.lines("Ticks skipped a minute", "Those that were missed because the poll before still ran.",
                          [over_time(each_minute("replmond_polls_skipped_total", "starrocks_instance") + " > 0", "{{starrocks_instance}}")], "none",
                          fill=0)),
    ]


def requests():
    bad = [by_pattern("/ (401|403)$/", color=colour("red")), by_pattern("/ 429$/", color=colour("orange")), by_pattern("/ 5..$/", color=colour("purple")),
           by_pattern("/ error$/", color=colour("dark-red"))]
    buckets = counted("replmond_api_request_duration_seconds_bucket", PROJECT)
    quantiles = [over_time(f"histogram_quantile({q}, sum by (operation, le) ({buckets})) >= 0", "{{operation}} p" + name, ref)
                 for ref, q, name in (("A", 0.5, "50"), ("B", 0.95, "95"))]
    return 8, [
        (12, grafana.lines("Requests a minute", "To the cloud, by operation and code, retries included. Lines: code 200. Code error: no answer.",
                           [over_time(counted_each_minute("replmond_api_requests_total", "operation, code"), "{{operation}} {{code}}")], "none",
                           bars=True, overrides=[by_pattern("/ 200$/", **LINE), *bad])),
        (12, grafana.lines("Latency of requests", "Resolving and connecting included. From buckets: read it as \"no more than\".",
                           quantiles, "s")),
    ]


def budget():
    dashed = {"thresholdsStyle": {"mode": "dashed"}}
    waited = f"rate(replmond_rate_limit_wait_seconds_total{{{PROJECT}}}[$__rate_interval])"
    return 8, [
        (8, grafana.lines("Requests in the window",
                          "How many requests count in the current window of rate_limit. The cloud counts other tools of the same user as well.",
                          [over_time(f"replmond_rate_limit_requests{{{PROJECT}}}", "{{project}} {{instance}}")], "none", decimals=0)),
        (8, grafana.lines("Waiting for budget",
                          "Seconds that requests waited, each second, all together. More than 0.1 for long: rate_limit is too small.",
                          [over_time(f"sum by (project, instance) ({waited})", "{{project}} {{instance}}")], "s",
                          thresholds=thresholds("transparent", (0.1, "orange")), custom={**dashed, "axisSoftMax": 0.2})),
        (8, grafana.lines("Intervals stretched by", "1: not at all. More: polls do not fit rate_limit, changes are seen later than configured.",
                          [over_time(f"replmond_rate_limit_stretch_ratio{{{PROJECT}}}", "{{project}} {{instance}}")], "none",
                          thresholds=thresholds("transparent", (1.001, "orange")), custom={**dashed, "axisSoftMax": 2})),
    ]


def access():
    usable = words({0: ("held", "red"), 1: ("accepted", "transparent")})
    listed = words({0: ("failing", "red"), 1: ("listed", "text")})
    unexpected = f"increase(replmond_unexpected_values_total{{{PROJECT}}}[$__rate_interval])"
    return 8, [
        (12, grafana.table("Projects", "Credentials and discovery. Empty: a credential that does not end, a project that does not discover.", [
            column("usable", f"min by (project) (replmond_credential_usable{{{PROJECT}}})"),
            column("ends", f"min by (project) (replmond_credential_expiry_timestamp_seconds{{{PROJECT}}}) - time()"),
            column("listed", f"max by (project) (replmond_discovery_success{{{PROJECT}}})"),
            column("age", f"time() - max by (project) (replmond_discovery_last_success_timestamp_seconds{{{PROJECT}}})"),
            column("found", f"max by (project) (replmond_discovered_instances{{{PROJECT}}})"),
        ],
            ["project", "Value #usable", "Value #ends", "Value #listed", "Value #age", "Value #found"], sort=[("Credential", False)],
            overrides=[
                by_name("project", displayName="Project"),
                by_name("Value #usable", displayName="Credential", mappings=[usable], custom_cellOptions=BACKGROUND, custom_align="center",
                        custom_width=110),
                by_name("Value #ends", displayName="Ends in", unit="s", decimals=1, custom_width=100,
                        thresholds=thresholds("red", (300, "text")), custom_cellOptions=TEXT),
                by_name("Value #listed", displayName="Discovery", mappings=[listed], custom_cellOptions=TEXT, custom_align="left", custom_width=100),
                by_name("Value #age", displayName="Listed", unit="s", decimals=1, custom_width=90, mappings=[from_on(1e9, "never", "red")]),
                by_name("Value #found", displayName="Instances found", custom_width=140),
            ])),
        (12, grafana.lines("Not understood",
                           "Values of the API that could not be read, each time they came. Field total_count: a list that contradicts itself.",
                           [over_time(f"sum by (project, field) ({unexpected}) > 0", "{{project}} {{field}}")],
                           "none", decimals=0, overrides=ODD)),
    ]


def scrapes():
    return 7, [
        (8, grafana.lines("Requests served a minute", "By replmond's own HTTP server.",
                          [over_time(counted_each_minute("replmond_http_requests_total", "handler, code", DAEMON), "{{handler}} {{code}}")], "none")),
        (8, grafana.lines("Duration of scrapes", "As Prometheus measured it.",
                          [over_time(f"scrape_duration_seconds{{{DAEMON}}} and on (job, instance) {KNOWN}", "{{instance}}")], "s")),
        (8, grafana.lines("Series", "Samples of a scrape: grows with tasks and instances.",
                          [over_time(f"scrape_samples_scraped{{{DAEMON}}} and on (job, instance) {KNOWN}", "{{instance}}")], "none", decimals=0)),
    ]


def process():
    return 7, [
        (6, grafana.lines("CPU", "Of one core.",
                          [over_time(f"rate(process_cpu_seconds_total{{{DAEMON}}}[$__rate_interval]) and on (job, instance) {KNOWN}", "{{instance}}")],
                          "percentunit")),
        (6, grafana.lines("Memory", "Resident.",
                          [over_time(f"process_resident_memory_bytes{{{DAEMON}}} and on (job, instance) {KNOWN}", "{{instance}}")], "bytes")),
        (6, grafana.lines("File descriptors", "Open ones as a share of what is allowed.",
                          [over_time(f"process_open_fds{{{DAEMON}}} / process_max_fds{{{DAEMON}}} and on (job, instance) {KNOWN}", "{{instance}}")],
                          "percentunit", decimals=2)),
        (6, grafana.lines("State write errors and restarts", "Failed writes to the state file, and starts of the process.", [
            over_time(f"sum by (instance) (increase(replmond_state_write_errors_total{{{DAEMON}}}[$__rate_interval]))", "write errors {{instance}}"),
            over_time(f"changes(process_start_time_seconds{{{DAEMON}}}[$__rate_interval]) and on (job, instance) {KNOWN}", "starts {{instance}}", "B")],
            "none", bars=True, decimals=0)),
    ]


def variables():
    return [
        grafana.datasource_variable(),
        grafana.variable("job", "Job", "label_values(replmond_build_info, job)"),
        grafana.variable("instance", "Instance", 'label_values(replmond_build_info{job=~"$job"}, instance)'),
        grafana.variable("project", "Project", 'label_values(replmond_credential_usable{job=~"$job", instance=~"$instance"}, project)'),
    ]


def board():
    links = [grafana.board_link("All tasks", "replmond-fleet"), grafana.board_link("One task", "replmond-task")]
    rows = [right_now(), daemons(), "Polls", polls(), "Requests to the cloud", requests(), "Budget", budget(), "Access to the cloud", access(),
            "Scrapes", scrapes(), "Process", process()]
    return grafana.board(UID, "replmond: daemon", "Is replmond itself well, and does it get from the cloud what it needs?", variables(), rows, links)
