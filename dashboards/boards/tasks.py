"""What the boards say about tasks, and the expressions that find it out.

Every expression merges replmond that watch the same instances (what tells their targets apart goes), and gives 0 only
where something is known: a count of nothing while nothing is scraped must not look like health.
"""
from . import grafana

TASK = "project, starrocks_instance, task"
STARROCKS = "project, starrocks_instance"
DAEMON = 'job=~"$job", instance=~"$instance"'
TARGET = "job, instance, pod, node"  # tell one replmond from another, where your own labels are to stay
NO_PROGRESS_FOR = grafana.choice("window", "No progress for", {"5m": "300", "15m": "900", "30m": "1800", "2h": "7200"}, "30m")

# Worst first; a task is in the first state that holds. The stages are the last six, and have the same numbers. What is as it
# ought to be has the colour that draws no eye.
CALM = "#5b7565"
STATES = {
    9: ("abnormal", "red"),
    8: ("needs repair", "yellow"),
    7: ("no progress", "orange"),
    6: ("unknown", "#ff6eb4"),
    5: ("cancelled", "#808080"),
    4: ("paused", "purple"),
    3: ("wait", "super-light-blue"),
    2: ("full", "blue"),
    1: ("incremental", CALM),
    0: ("normal", CALM),
}
STAGES = {word: number for number, (word, _) in STATES.items() if 1 <= number <= 6}
WORDS = grafana.words(STATES)


HOW_TO_MEASURE_LAG = "No data. How to measure lag: docs/lag.md"
LAG_IS_BAD = (300, "orange"), (3600, "red")  # as ReplicationLagHigh


class Tasks:
    """Expressions for the tasks that the matchers choose."""

    def __init__(self, *matchers):
        self.matchers = ", ".join(('job=~"$job"', 'instance=~"$instance"', *matchers))

    def series(self, metric, *matchers):
        return f"{metric}{{{', '.join((self.matchers, *matchers))}}}"

    def status(self):
        return self.series("starrocks_replication_status")

    def stages(self):
        return self.series("starrocks_replication_stage")

    def in_stage(self, word):
        return self.series("starrocks_replication_stage", f'stage="{word}"') + " == 1"

    def progress(self):
        return self.series("starrocks_replication_progress_ratio")

    def catchup(self):
        return self.series("starrocks_replication_catchup_progress_ratio")

    def abnormal(self):
        return f"group by ({TASK}) ({self.status()} == 0)"

    def repair(self):
        return f"group by ({TASK}) ({self.series('starrocks_replication_needs_repair')} == 1)"

    def unknown(self):
        return f"""(
    group by ({TASK}) ({self.in_stage("unknown")})
      or
    (group by ({TASK}) ({self.stages()}) unless group by ({TASK}) ({self.status()}))
  )"""

    def copy_without_progress(self):
        """Up to the last successful poll, not up to now: while polls fail, nothing is known to stand still."""
        return f"""(
        {self.series("replmond_poll_last_success_timestamp_seconds")}
          - ignoring (task) group_right ()
        {self.series("starrocks_replication_progress_changed_timestamp_seconds")}
          > $window
      and ignoring (stage)
        {self.in_stage("full")}
    )"""

    def catchup_without_progress(self):
        return f"""(
        changes({self.catchup()}[${{window}}s]) == 0
      and
        {self.catchup()} offset ${{window}}s < 1
      and ignoring (stage)
        {self.series("starrocks_replication_catchup_stage", 'stage!~"paused|cancelled"')} == 1
      and ignoring (task)
        {self.series("replmond_poll_success")} == 1
      unless ignoring (stage)
        {self.series("starrocks_replication_stage", 'stage=~"paused|cancelled"')} == 1
    )"""

    def no_progress(self):
        return f"""group by ({TASK}) (
    {self.copy_without_progress()}
      or
    {self.catchup_without_progress()}
  )"""

    def stage(self):
        """The number of its stage; where two replmond read different ones, of that which changed last."""
        changed = self.series("starrocks_replication_stage_changed_timestamp_seconds")
        return f"""max by ({TASK}) (
    {self.numbered("starrocks_replication_stage")}
  and
    ({changed} == on ({TASK}) group_left () max by ({TASK}) ({changed}))
)"""

    def catchup_stage(self):
        return f"""max by ({TASK}) (
    {self.numbered("starrocks_replication_catchup_stage")}
)"""

    def numbered(self, metric):
        """Of each replmond the number of the stage."""
        found = (f"""{number} * {self.series(metric, f'stage="{word}"')}""" for word, number in STAGES.items())
        return "sum without (stage) (\n      " + "\n        or\n      ".join(found) + "\n    )"

    def by_stage(self):
        """How many are in each of the six stages; as above, each task is in one of them."""
        changed = self.series("starrocks_replication_stage_changed_timestamp_seconds")
        return f"""count by (stage) (
  topk by ({TASK}) (1, max by ({TASK}, stage) (
    {changed} * ignoring (stage) group_right () ({self.stages()} == 1)
  ))
)
  or
0 * group by (stage) ({self.stages()})"""

    def state(self):
        """The number of its state."""
        return f"""9 * {self.abnormal()}
  or
8 * {self.repair()}
  or
7 * {self.no_progress()}
  or
6 * {self.unknown()}
  or
{self.stage()}"""

    def age(self):
        """Seconds in its state. A task that is well is so since the later change of status and stage. Nothing where the
        metrics have no time for it: needs repair, a catch-up without progress. Of two replmond the one that has seen it for longer."""
        stage, status, progress = (f"min by ({TASK}) ({self.series(f'starrocks_replication_{what}_changed_timestamp_seconds')})"
                                   for what in ("stage", "status", "progress"))
        return f"""ceil(time() - (
  ({status} and {self.abnormal()})
    or
  ({progress} and group by ({TASK}) ({self.copy_without_progress()}) unless {self.repair()})
    or
  (
    ({stage} > {status} or {status})
      unless {self.no_progress()}
      unless {self.repair()}
  )
))"""

    def left(self):
        """Seconds until the copy is done at this pace; nothing while there is none."""
        return f"""max by ({TASK}) (
    ceil((1 - {self.progress()})
      /
    (deriv({self.progress()}[${{window}}s]) > 0))
  and ignoring (stage)
    {self.in_stage("full")}
)"""

    def lag(self):
        """Seconds behind; nothing where nobody measures it. Negative where clocks differ."""
        return f"max by ({TASK}) ({self.series('starrocks_replication_lag_seconds')})"

    def worst_lag(self):
        """Of tasks that ought to keep up: that of a paused one grows, rightly."""
        return f"""max(
    {self.series("starrocks_replication_lag_seconds")}
  and ignoring (stage)
    {self.in_stage("incremental")}
)"""

    def heartbeat_age(self, where):
        """Seconds since the newest heartbeat was written; of two replmond the newest reading counts."""
        return f"time() - max by ({TASK}) ({self.series(f'starrocks_replication_{where}heartbeat_timestamp_seconds')})"

    def names(self, *labels):
        """Exactly one series of names for each task. The label `kind` is there for temporary ones only."""
        kept = ", ".join((TASK, *labels))
        info = self.series("starrocks_replication_info")
        return f"""topk by ({TASK}) (1, max by ({kept}) (label_replace(
  {info}, "kind", "temporary", "main_task", "false"
)))"""

    def page(self):
        """Where the pages are of a replmond that watches it, in the label `external_url`: of one that reads it, if any does.
        Nothing where replmond does not know its own address (--web.external-url)."""
        return f"""topk by ({TASK}) (1, max by ({TASK}, external_url) (
    {self.series("starrocks_replication_info")}
      * on (job, instance, {STARROCKS}) group_left (external_url)
    (
      (1 + {self.series("replmond_poll_success")})
        * on (job, instance) group_left (external_url)
      topk by (job, instance) (1, replmond_web_info{{{DAEMON}}})
    )
))"""

    def count(self, expr):
        """How many; 0 where tasks are known, nothing where none is."""
        return f"count({expr})\n  or\n0 * group({self.stages()})"
