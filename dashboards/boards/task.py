"""Task: everything about one synchronization task."""
from . import grafana, tasks
from .grafana import LINE, TEXT, annotation, by_name, colour, column, link, now, over_time, thresholds, words
from .tasks import STARROCKS, TASK, WORDS

UID = "replmond-task"
TO_PAGE = grafana.page_link("Its page of replmond", "project", "starrocks_instance", "task")
INSTANCE = tasks.Tasks('project=~"$project"', 'starrocks_instance=~"$starrocks_instance"')


class Task(tasks.Tasks):
    """The chosen task; polls are about its instance and have no task."""

    def series(self, metric, *matchers):
        return super().series(metric, *matchers) if not metric.startswith("replmond_") else INSTANCE.series(metric, *matchers)


ONE = Task('project=~"$project"', 'starrocks_instance=~"$starrocks_instance"', 'task="$task"')


def right_now():
    """One number a tile; what is as it ought to be has no colour."""
    stat = grafana.stat
    nothing = {"noValue": tasks.HOW_TO_MEASURE_LAG}
    return 4, [
        (5, stat("State", "The worst that holds: abnormal, needs repair, no progress, unknown, or the stage.", [now(ONE.state())], mappings=[WORDS])),
        (4, stat("In this state for", "Since replmond first saw it so. No data: the metrics have no time for it, as for needs repair; its page does.",
                 [now(ONE.age())], "s", painted=False, thresholds=thresholds("text"), decimals=1)),
        (4, stat("Lag", "How far StarRocks was behind TaurusDB when it was last read. Negative: clocks differ.", [now(f"round({ONE.lag()})")], "s", decimals=0,
                 thresholds=thresholds("transparent", *tasks.LAG_IS_BAD), **nothing)),
        (5, stat("Progress", "The API fields percentage, of the stage, and catchup_percentage while there is a catch-up.", [
            now(f"max by ({TASK}) ({ONE.progress()})", "stage"), now(f"max by ({TASK}) ({ONE.catchup()})", "catch-up", "B")],
            "percentunit", min=0, max=1, decimals=1, painted=False, thresholds=thresholds("text"))),
        (3, stat("Time left", "Until the copy is done, at the pace of the time chosen above. No data: not in stage full, or no progress.",
                 [now(ONE.left())], "s", painted=False, thresholds=thresholds("text"), decimals=0)),
        (3, stat("Last read", "How long ago its instance was read completely: everything here is as old. Outdated after 5 minutes.",
                 [now(f"ceil(time() - max by ({STARROCKS}) ({ONE.series('replmond_poll_last_success_timestamp_seconds')}))")], "s", decimals=0,
                 thresholds=thresholds("transparent", (300, "orange"), (900, "red")))),
    ]


def identity():
    merged = f"max without ({tasks.TARGET}) ({ONE.series('starrocks_replication_info')})"
    shown = grafana.table("Identity", "Where it copies from and to, its ids in the console, and your own labels. Page: what replmond knows of it, such as why.", [
        column("names", f"topk by ({TASK}) (1, {merged})"),
        column("page", ONE.page()),
        column("repair", f"max by ({TASK}) ({ONE.series('starrocks_replication_needs_repair')})"),
    ],
        ["task", "external_url", "starrocks_instance", "project", "source_database", "target_database", "main_task", "Value #repair", "region",
         "instance_id", "project_id"],
        hidden=["Value #names", "Value #page", "__name__"], overrides=[
            by_name("task", displayName="Task"),
            by_name("external_url", displayName="Page", mappings=[grafana.any_text("open")], links=[TO_PAGE], custom_width=70),
            by_name("starrocks_instance", displayName="StarRocks instance"), by_name("project", displayName="Project"),
            by_name("source_database", displayName="TaurusDB"), by_name("target_database", displayName="StarRocks"),
            by_name("main_task", displayName="Kind", custom_width=100, mappings=[words({"true": ("main", "text"), "false": ("temporary", "text")})]),
            by_name("Value #repair", displayName="Repair", custom_width=90, custom_cellOptions=TEXT, custom_align="left",
                    mappings=[words({0: ("no", "text"), 1: ("needed", "orange")})]),
            by_name("region", displayName="Region"), by_name("instance_id", displayName="Instance id", custom_minWidth=330),
            by_name("project_id", displayName="Project id", custom_minWidth=300)])
    return 4, [(24, shown)]


def status():
    return f"""9 * {ONE.abnormal()}
  or
0 * group by ({TASK}) ({ONE.status()})
  or
6 * group by ({TASK}) ({ONE.stages()})"""


def history():
    return [
        (5, [(24, grafana.timeline("Status, stage and catch-up", "Gaps: gone, or outdated.", [
            over_time(status(), "status"), over_time(ONE.stage(), "stage", "B"), over_time(ONE.catchup_stage(), "catch-up", "C")], [WORDS]))]),
        (9, [(12, progress()), (12, lag())]),
    ]


def progress():
    return grafana.lines("Progress over time", "Of the stage, and of the catch-up while there is one. Marks: changes of stage and status.", [
        over_time(f"max by ({TASK}) ({ONE.progress()})", "stage"), over_time(f"max by ({TASK}) ({ONE.catchup()})", "catch-up", "B")],
        "percentunit", overrides=[by_name("stage", color=colour("blue")), by_name("catch-up", color=colour("purple"))], max=1, decimals=0)


def lag():
    """As long as nobody measures it, it says how to."""
    return grafana.lines("Lag over time", "More than 5 minutes is a warning, more than an hour a page, in stage incremental. A slope of a second each second: nothing arrives.",
                         [over_time(ONE.lag(), "lag")], "s", below_zero=True, thresholds=thresholds("transparent", *tasks.LAG_IS_BAD),
                         custom={"thresholdsStyle": {"mode": "dashed"}, "axisSoftMax": 60, "axisSoftMin": 0},
                         overrides=[by_name("lag", color=colour("blue"))], noValue=tasks.HOW_TO_MEASURE_LAG)


def surroundings():
    links = [link("This task", UID, LINE, "project", "starrocks_instance", "task")]
    return 8, [
        (14, grafana.timeline("All tasks of this instance",
                              "All abnormal: the instance is ill, not the task. Temporary tasks, of repairs and added tables, come and go.",
                              [over_time(INSTANCE.state(), "{{task}}")], [WORDS], links=links)),
        (10, grafana.lines("Age of heartbeats", "Of the newest one in each database, by Prometheus' clock. Both grow: nobody writes it. In TaurusDB: with lag.source only.", [
            over_time(ONE.heartbeat_age(""), "in StarRocks"), over_time(ONE.heartbeat_age("source_"), "in TaurusDB", "B")], "s", below_zero=True,
            thresholds=thresholds("transparent", (300, "orange")),
            custom={"thresholdsStyle": {"mode": "dashed"}, "axisSoftMax": 60, "axisSoftMin": 0},
            overrides=[by_name("in StarRocks", color=colour("blue")), by_name("in TaurusDB", color=colour("orange"))], noValue=tasks.HOW_TO_MEASURE_LAG)),
    ]


def marks():
    """At the times that replmond reports, not where a scrape saw them."""
    changed = f"1000 * min by ({TASK}) ({ONE.series('starrocks_replication_stage_changed_timestamp_seconds')})"
    stage = f"{changed}\n  * on ({TASK}) group_left (stage)\ntopk by ({TASK}) (1, group by ({TASK}, stage) ({ONE.stages()} == 1))"
    turned = f"1000 * max by ({TASK}) ({ONE.series('starrocks_replication_status_changed_timestamp_seconds')})"
    return [
        annotation("Stage", "{{stage}}", stage, "blue", "stage"),
        annotation("Abnormal", "abnormal", f"{turned}\n  and\n{ONE.abnormal()}", "red", ""),
        annotation("Normal", "normal", f"{turned}\n  unless\n{ONE.abnormal()}\n  unless\n{ONE.unknown()}", "green", ""),
    ]


def variables():
    polls = 'replmond_poll_interval_seconds{job=~"$job", instance=~"$instance"'
    listed = 'starrocks_replication_info{job=~"$job", instance=~"$instance", project=~"$project", starrocks_instance=~"$starrocks_instance"}'
    return [
        grafana.datasource_variable(),
        grafana.variable("job", "Job", "label_values(replmond_build_info, job)"),
        grafana.variable("instance", "Instance", 'label_values(replmond_build_info{job=~"$job"}, instance)'),
        grafana.variable("project", "Project", f"label_values({polls}}}, project)", multi=False),
        grafana.variable("starrocks_instance", "StarRocks instance", f'label_values({polls}, project=~"$project"}}, starrocks_instance)',
                         multi=False),
        grafana.variable("task", "Task", f"label_values({listed}, task)", multi=False),
        tasks.NO_PROGRESS_FOR,
    ]


def board():
    links = [grafana.board_link("All tasks", "replmond-fleet"), grafana.board_link("The daemon", "replmond-daemon")]
    rows = [right_now(), identity(), *history(), surroundings()]
    return grafana.board(UID, "replmond: task", "One synchronization task: what it does, since when, and how long it will take.",
                         variables(), rows, links, annotations=marks())
