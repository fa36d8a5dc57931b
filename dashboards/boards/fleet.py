"""Fleet: what is wrong now, worst first."""
from . import grafana, tasks
from .grafana import BACKGROUND, LINE, ROW, TEXT, by_name, by_pattern, colour, column, from_on, link, now, over_time, thresholds
from .tasks import DAEMON, STARROCKS, TASK, WORDS

UID = "replmond-fleet"
ALL = tasks.Tasks('project=~"$project"', 'starrocks_instance=~"$starrocks_instance"')
NEVER = 1e9  # no reading is older than this: 0 is "never yet"

OF_INSTANCE = ("project", "starrocks_instance")
OF_TASK = (*OF_INSTANCE, "task")
TO_TASK, LINE_TO_TASK = (link("This task", "replmond-task", clicked, *OF_TASK) for clicked in (ROW, LINE))
TO_INSTANCE, LINE_TO_INSTANCE = (link("Only this instance", UID, clicked, *OF_INSTANCE) for clicked in (ROW, LINE))
TO_PAGE = grafana.page_link("Its page of replmond", *OF_TASK)
TO_DAEMON = link("The daemon", "replmond-daemon")

ONE_IS_BAD = thresholds("transparent", (1, "red"))
ONE_IS_ODD = thresholds("transparent", (1, "orange"))


def age_of_data():
    return f"ceil(time() - max by ({STARROCKS}) ({ALL.series('replmond_poll_last_success_timestamp_seconds')}))"


def failing():
    return f"1 - max by ({STARROCKS}) ({ALL.series('replmond_poll_success')})"


def abnormal_by_instance():
    return f"sum by ({STARROCKS}) (1 - min by ({TASK}) ({ALL.status()}))"


def right_now():
    stat = grafana.stat
    return 4, [
        (3, stat("Abnormal", "Tasks with status No: they do not apply changes. Not counted: tasks whose status is unknown.",
                 [now(f"sum(1 - min by ({TASK}) ({ALL.status()}))")], thresholds=ONE_IS_BAD)),
        (3, stat("No progress", "Full synchronizations and catch-ups that did not move for as long as chosen above, while polls succeed.",
                 [now(ALL.count(ALL.no_progress()))], thresholds=ONE_IS_ODD)),
        (3, stat("Need repair", "Tasks with broken tables; their other tables may go on.", [now(ALL.count(ALL.repair()))], thresholds=ONE_IS_ODD)),
        (4, stat("Worst lag", "How far StarRocks is behind TaurusDB, of tasks in stage incremental. No data: nobody measures it, and docs/lag.md says how.",
                 [now(f"round({ALL.worst_lag()})")], "s", decimals=0, thresholds=thresholds("transparent", *tasks.LAG_IS_BAD), noValue=tasks.HOW_TO_MEASURE_LAG)),
        (4, stat("Instances failing", "StarRocks instances whose last poll failed, in the eyes of every replmond that polls them.",
                 [now(f"sum({failing()})")], thresholds=ONE_IS_BAD, links=[TO_DAEMON])),
        (4, stat("Oldest data", "How long ago the instance that fares worst was read completely. Everything here is as old as the reading of its instance.",
                 [now(f"max({age_of_data()})")], "s", thresholds=thresholds("transparent", (300, "orange"), (900, "red")), decimals=0,
                 mappings=[from_on(NEVER, "never", "red")], links=[TO_DAEMON])),
        (3, stat("replmond down", "Targets that answered within the time shown and do not now. Where all are down, everything else here has no data.",
                 [now(f"sum(1 - up{{{DAEMON}}} and on (job, instance) last_over_time(replmond_build_info{{{DAEMON}}}[$__range]))")],
                 thresholds=ONE_IS_BAD, links=[TO_DAEMON])),
    ]


def by_stage_now():
    shown = grafana.stat("Tasks by stage", "What the cloud lists now. Abnormal tasks and those without progress count in their stage.", [
        now(f"count(group by ({TASK}) ({ALL.stages()}))", "all tasks"),
        now(ALL.by_stage(), "{{stage}}", "B"),
    ], painted=False, color=colour("text"))
    shown["options"].update(orientation="auto")
    return 3, [(24, shown)]


def worst_first():
    bar = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
    return 13, [(24, grafana.table(
        "Tasks, worst first", "State: abnormal, needs repair, no progress, unknown, or the stage. In this state for: empty where the metrics have no time for it, "
        "as for needs repair. A click on a task opens its board; Page leads to what replmond knows of it, such as why. Tasks that are gone vanish, and so do those "
        "that are outdated for poll.stale_after. Lag: empty where nobody measures it (docs/lag.md).", [
            column("state", ALL.state()),
            column("age", ALL.age()),
            column("lag", f"round({ALL.lag()})"),
            column("progress", f"max by ({TASK}) ({ALL.progress()})"),
            column("left", ALL.left()),
            column("catchup", f"max by ({TASK}) ({ALL.catchup()})"),
            column("names", ALL.names("source_database", "target_database", "kind")),
            column("page", ALL.page()),
        ],
        ["Value #state", "Value #age", "task", "external_url", "starrocks_instance", "project", "Value #lag", "Value #progress", "Value #left",
         "Value #catchup", "source_database", "target_database", "kind"],
        hidden=["Value #names", "Value #page"], sort=[("State", True), ("In this state for", False)],
        overrides=[
            by_name("Value #state", displayName="State", mappings=[WORDS], custom_cellOptions=BACKGROUND, custom_align="center", custom_width=110),
            by_name("Value #age", displayName="In this state for", unit="s", decimals=1, custom_width=130),
            by_name("task", displayName="Task", links=[TO_TASK], custom_minWidth=170),
            by_name("external_url", displayName="Page", mappings=[grafana.any_text("open")], links=[TO_PAGE], custom_width=70),
            by_name("starrocks_instance", displayName="StarRocks instance", links=[TO_INSTANCE], custom_width=150),
            by_name("project", displayName="Project", custom_width=100),
            by_name("Value #lag", displayName="Lag", unit="s", decimals=0, custom_width=80, thresholds=thresholds("text", *tasks.LAG_IS_BAD),
                    custom_cellOptions=TEXT),
            by_name("Value #progress", displayName="Progress", unit="percentunit", min=0, max=1, decimals=1, custom_cellOptions=bar, custom_width=130,
                    color=colour("blue")),
            by_name("Value #left", displayName="Time left", unit="s", decimals=0, custom_width=100),
            by_name("Value #catchup", displayName="Catch-up", unit="percentunit", decimals=1, custom_width=90),
            by_name("source_database", displayName="TaurusDB", custom_minWidth=120),
            by_name("target_database", displayName="StarRocks", custom_minWidth=120),
            by_name("kind", displayName="Kind", custom_width=95),
        ]))]


def eventful():
    """Of tasks that were not plainly incremental and normal all the time that is shown, whoever watched them."""
    calm = f"""(
      min by ({TASK}) (min_over_time({ALL.series("starrocks_replication_stage", 'stage="incremental"')}[$__range] @ end())) == 1
    and
      min by ({TASK}) (min_over_time({ALL.status()}[$__range] @ end())) == 1
  )"""
    return f"({ALL.state()})\nunless\n  {calm}"


def history():
    return 10, [(24, grafana.timeline("States of tasks that had some",
                                      "Only tasks that were not incremental and normal all the time. Gaps: gone, or outdated.",
                                      [over_time(eventful(), "{{starrocks_instance}} / {{task}}")], [WORDS], links=[LINE_TO_TASK]))]


def instances():
    success = grafana.words({0: ("failing", "red"), 1: ("read", "transparent")})
    why = f"""topk by ({STARROCKS}) (1,
  max by ({STARROCKS}, result) (increase({ALL.series("replmond_polls_total", 'result!="success"')}[15m])) > 0
)"""
    return 8, [
        (14, grafana.table("StarRocks instances", "Failing first. Trouble: how most failed polls of the last 15 minutes ended.", [
            column("read", f"max by ({STARROCKS}) ({ALL.series('replmond_poll_success')})"),
            column("age", age_of_data()),
            column("tasks", f"max by ({STARROCKS}) ({ALL.series('starrocks_replication_tasks')})"),
            column("abnormal", abnormal_by_instance()),
            column("interval", f"max by ({STARROCKS}) ({ALL.series('replmond_poll_interval_seconds')})"),
            column("why", why),
        ],
            ["Value #read", "project", "starrocks_instance", "result", "Value #age", "Value #tasks", "Value #abnormal", "Value #interval"],
            hidden=["Value #why"], sort=[("Last poll", False), ("Read", True)],
            overrides=[
                by_name("Value #read", displayName="Last poll", mappings=[success], custom_cellOptions=BACKGROUND, custom_align="center", custom_width=90),
                by_name("project", displayName="Project", custom_width=100),
                by_name("starrocks_instance", displayName="StarRocks instance", links=[TO_INSTANCE]),
                by_name("result", displayName="Trouble", custom_width=105),
                by_name("Value #age", displayName="Read", unit="s", decimals=0, mappings=[from_on(NEVER, "never", "red")], custom_width=90,
                        thresholds=thresholds("text", (300, "orange"), (900, "red")), custom_cellOptions=TEXT),
                by_name("Value #tasks", displayName="Tasks", custom_width=70),
                by_name("Value #abnormal", displayName="Abnormal", custom_width=100, thresholds=thresholds("text", (1, "red")),
                        custom_cellOptions=TEXT),
                by_name("Value #interval", displayName="Interval", unit="s", custom_width=85),
            ])),
        (10, grafana.lines("Age of data", "Time since each instance was last read completely, the 20 oldest. 15 minutes are an alert.",
                           [over_time(f"topk(20, {age_of_data()} < {NEVER:.0f})", "{{starrocks_instance}}")], "s",
                           thresholds=thresholds("transparent", (300, "orange"), (900, "red")), custom={"thresholdsStyle": {"mode": "dashed"}},
                           overrides=[by_pattern(".*", custom_axisSoftMax=60)], links=[LINE_TO_INSTANCE])),
    ]


def variables():
    polls = 'replmond_poll_interval_seconds{job=~"$job", instance=~"$instance"'
    return [
        grafana.datasource_variable(),
        grafana.variable("job", "Job", "label_values(replmond_build_info, job)"),
        grafana.variable("instance", "Instance", 'label_values(replmond_build_info{job=~"$job"}, instance)'),
        grafana.variable("project", "Project", f"label_values({polls}}}, project)"),
        grafana.variable("starrocks_instance", "StarRocks instance", f'label_values({polls}, project=~"$project"}}, starrocks_instance)'),
        tasks.NO_PROGRESS_FOR,
    ]


def board():
    links = [grafana.board_link("One task", "replmond-task"), grafana.board_link("The daemon", "replmond-daemon")]
    rows = [right_now(), by_stage_now(), worst_first(), history(), instances()]
    return grafana.board(UID, "replmond: fleet", "What is wrong now with data synchronization from TaurusDB to StarRocks, worst first.",
                         variables(), rows, links)
