"""The boards while an instance moves to another shard: its old pod and its new one both watch it.

promtool evaluates every query as Grafana would send it, over series that are made up here.
"""
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import board_files

OLD, NEW = ('job="replmond", namespace="watch", pod="replmond-%d", instance="10.1.0.%d:10930"' % one for one in ((1, 4), (2, 9)))
ALONE = "10.1.0.4:10930"
INSTANCE = 'project="prod", starrocks_instance="orders"'
STAGES = ("unknown", "cancelled", "paused", "wait", "full", "incremental")
# name: stage, status, progress, catch-up, repair; of a minute each, promtool's notation.
TASKS = {
    "main": ("incremental", "1x60", "1x60", None, "0x60"),
    "broken": ("incremental", "0x60", "1x60", None, "0x60"),
    "stuck": ("full", "1x60", "0.375x60", None, "0x60"),
    "copy": ("full", "1x60", "0+0.01x60", None, "0x60"),
    "added": ("incremental", "1x60", "1x60", "0.61x60", "0x60"),
    "torn": ("incremental", "1x60", "1x60", None, "1x60"),
    "held": ("paused", "1x60", "1x60", None, "0x60"),
    "dropped": ("cancelled", "1x60", "1x60", None, "0x60"),
    "queued": ("wait", "1x60", "0x60", None, "0x60"),
    "odd": ("unknown", None, "1x60", None, None),
}
# Whose lag is measured: the heartbeat in StarRocks, that in TaurusDB, the lag.
LAGS = {"main": ("0+60x60", "5+60x60", "5x60"), "broken": ("600x60", "5+60x60", "0+60x60"), "held": ("0x60", None, "0+60x60")}
AT = "40m"
NOW = {"window": "600", "__rate_interval": "5m", "__range": "30m"}


def series(name, labels, values):
    return {"series": f"{name}{{{labels}}}", "values": values}


def task(pod, name, stage, changed, status="1x60", progress="1x60", catchup=None, repair="0x60"):
    labels = f'{pod}, {INSTANCE}, task="{name}"'
    names = f'region="r1", project_id="0p", instance_id="0in17", source_database="{name}", target_database="{name}_sr", main_task="true", team="data"'
    yield series("starrocks_replication_info", f"{labels}, {names}", "1x60")
    for one in STAGES:
        yield series("starrocks_replication_stage", f'{labels}, stage="{one}"', f"{int(one == stage)}x60")
        if catchup:
            yield series("starrocks_replication_catchup_stage", f'{labels}, stage="{one}"', f"{int(one == 'full')}x60")
    yield series("starrocks_replication_stage_changed_timestamp_seconds", labels, f"{changed}x60")
    yield series("starrocks_replication_status_changed_timestamp_seconds", labels, "60x60")
    yield series("starrocks_replication_progress_changed_timestamp_seconds", labels, f"{changed}+60x60" if "+" in progress else f"{changed}x60")
    for metric, values in (("status", status), ("progress_ratio", progress), ("catchup_progress_ratio", catchup), ("needs_repair", repair)):
        if values:
            yield series(f"starrocks_replication_{metric}", labels, values)


def lag(pod, name, heartbeat, source, behind):
    labels = f'{pod}, {INSTANCE}, task="{name}"'
    for metric, values in (("heartbeat_timestamp", heartbeat), ("source_heartbeat_timestamp", source), ("lag", behind)):
        if values:
            yield series(f"starrocks_replication_{metric}_seconds", labels, values)


def daemon(pod):
    yield series("up", pod, "1x60")
    yield series("replmond_build_info", f'{pod}, version="1", revision="r", compiler="c"', "1x60")
    yield series("replmond_web_info", f'{pod}, external_url="https://status.example"', "1x60")
    yield series("process_start_time_seconds", pod, "0x60")


def instance(pod, name, good=True):
    labels = f'{pod}, project="prod", starrocks_instance="{name}"'
    yield series("replmond_poll_success", labels, f"{int(good)}x60")
    yield series("replmond_poll_last_success_timestamp_seconds", labels, "0+60x60" if good else "60x60")
    yield series("replmond_poll_interval_seconds", labels, "60x60")
    yield series("replmond_poll_duration_seconds", labels, "6x60")
    yield series("starrocks_replication_tasks", labels, "10x60")
    yield series("starrocks_replication_stage_transitions_total", f'{labels}, from="full", to="incremental"', "0+1x60")
    yield series("replmond_polls_skipped_total", labels, "0+1x60")
    yield series("replmond_polls_total", f'{labels}, result="{"success" if good else "auth"}"', "0+1x60")


def watching(pod, changed):
    """A pod that watches both instances, and saw the tasks for the first time, or in another stage, at a moment."""
    yield from daemon(pod)
    yield from instance(pod, "orders")
    yield from instance(pod, "billing", good=False)
    for name, (stage, status, progress, catchup, repair) in TASKS.items():
        yield from task(pod, name, stage, changed, status, progress, catchup, repair)
    for name, values in LAGS.items():
        yield from lag(pod, name, *values)


def evaluated(scene, tests):
    """What promtool says of {expression: the samples that it must give}; nothing where they do."""
    asked = [{"expr": expr, "eval_time": AT, "exp_samples": wanted} for expr, wanted in tests]
    case = {"interval": "1m", "input_series": list(scene), "promql_expr_test": asked}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "boards.yaml"
        path.write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": [case]}))
        done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


class Shards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.boards = board_files.boards()

    def filled(self, expr, **chosen):
        return board_files.filled(expr, {**board_files.ANY, **NOW, **chosen})

    def target(self, board, title, ref="A"):
        return self.filled(dict(board_files.expressions(self.boards[board]))[f"{title}: {ref}"])

    def queries(self):
        """(where, every form of it): of panels and marks, for each task where a query is about one."""
        for name, board in self.boards.items():
            for where, expr in board_files.expressions(board):
                if not where.startswith("variable "):
                    yield (name, where), [(expr, one) for one in (TASKS if "$task" in expr else ["main"])]

    def test_two_pods_say_what_one_does(self):
        tests = []
        for (name, where), forms in self.queries():
            if name == "replmond-daemon" and where not in ("Instances failing anywhere: A", "Duration against interval: A"):
                # What daemons do adds up. It has to be answered, no more.
                tests += [(f"({query}) unless ({query})", []) for query in (self.filled(forms[0][0]),)]
                continue
            alone = [self.filled(expr, task=one, instance=ALONE) for expr, one in forms]
            both = [self.filled(expr, task=one) for expr, one in forms]
            for one, two in zip(alone, both):
                tests += [(f"({one}) unless ({two})", []), (f"({two}) unless ({one})", []), (f"({one}) != ({two})", [])]
            # Something is compared.
            tests.append(("vector(1) " + " ".join(f"unless on () ({one})" for one in alone), []))
        self.assertGreater(len(tests), 300)
        self.assertEqual(evaluated([*watching(OLD, 60), *watching(NEW, 1500)], tests), "")

    def test_a_task_is_in_one_stage(self):
        """The old pod has yet to read that the copy is done."""
        scene = [*task(OLD, "sync", "full", 60), *task(NEW, "sync", "incremental", 1500), *instance(OLD, "orders"), *instance(NEW, "orders")]
        counts = [{"labels": f'{{stage="{one}"}}', "value": int(one == "incremental")} for one in STAGES]
        self.assertEqual(evaluated(scene, [
            (self.target("replmond-fleet", "Tasks by stage"), [{"labels": "{}", "value": 1}]),
            (self.target("replmond-fleet", "Tasks by stage", "B"), counts),
            (self.target("replmond-task", "Status, stage and catch-up", "B"), [{"labels": f'{{{INSTANCE}, task="sync"}}', "value": 1}]),
        ]), "")

    def test_one_that_reads_abnormal_is_enough(self):
        scene = [*task(OLD, "sync", "incremental", 60, status="0x60"), *task(NEW, "sync", "incremental", 1500)]
        self.assertEqual(evaluated(scene, [
            (self.target("replmond-fleet", "Abnormal"), [{"labels": "{}", "value": 1}]),
            (self.target("replmond-fleet", "Tasks, worst first", "state"), [{"labels": f'{{{INSTANCE}, task="sync"}}', "value": 9}]),
        ]), "")

    def test_since_when_it_is_in_its_state(self):
        """At minute 40, of what replmond saw first: the status at minute 1, the stage at 25, in both pods alike."""
        for name, age in (("main", 900), ("broken", 2340), ("stuck", 900), ("held", 900), ("odd", 900), ("torn", None), ("added", None)):
            stage, *values = TASKS[name]
            scene = [one for pod in (OLD, NEW) for one in (*task(pod, name, stage, 1500, *values), *instance(pod, "orders"))]
            wanted = [] if age is None else [{"labels": f'{{{INSTANCE}, task="{name}"}}', "value": age}]
            for board, title, ref in (("fleet", "Tasks, worst first", "age"), ("task", "In this state for", "A")):
                expr = dict(board_files.expressions(self.boards[f"replmond-{board}"]))[f"{title}: {ref}"]
                self.assertEqual(evaluated(scene, [(self.filled(expr, task=name), wanted)]), "", name)

    def test_one_that_recovered_is_well_since_then(self):
        labels = f'{OLD}, {INSTANCE}, task="sync"'
        scene = [one for one in task(OLD, "sync", "incremental", 60) if "status_changed" not in one["series"]]
        scene.append(series("starrocks_replication_status_changed_timestamp_seconds", labels, "1800x60"))
        self.assertEqual(evaluated(scene, [(self.target("replmond-fleet", "Tasks, worst first", "age"), [{"labels": f'{{{INSTANCE}, task="sync"}}', "value": 600}])]), "")

    def test_its_page_is_that_of_a_pod_that_reads_it(self):
        def links(*scene):
            old, new = (series("replmond_web_info", f'{pod}, external_url="https://{name}.example"', "1x60") for pod, name in ((OLD, "old"), (NEW, "new")))
            return [old, new, *(one for pod, good in scene for one in (*task(pod, "main", "incremental", 60), *instance(pod, "orders", good)))]
        for scene, name, value in (([(OLD, True), (NEW, False)], "old", 2), ([(OLD, False), (NEW, True)], "new", 2), ([(NEW, False)], "new", 1)):
            for board, title in (("fleet", "Tasks, worst first"), ("task", "Identity")):
                expr = dict(board_files.expressions(self.boards[f"replmond-{board}"]))[f"{title}: page"]
                wanted = [{"labels": f'{{{INSTANCE}, task="main", external_url="https://{name}.example"}}', "value": value}]
                self.assertEqual(evaluated(links(*scene), [(self.filled(expr, task="main"), wanted)]), "", scene)

    def test_what_the_old_pod_saw_is_in_the_history(self):
        scene = [*task(OLD, "sync", "incremental", 60, status="0x20 1x5 stale"), *task(NEW, "sync", "incremental", 1500, status="_x26 1x60")]
        shown = self.target("replmond-fleet", "States of tasks that had some")
        self.assertEqual(evaluated(scene, [(shown, [{"labels": f'{{{INSTANCE}, task="sync"}}', "value": 1}])]), "")

    def test_the_newest_heartbeat_and_the_greatest_lag_count(self):
        """The old pod has read last at minute 30: what it said then stays for a while."""
        scene = [*task(OLD, "sync", "incremental", 60), *task(NEW, "sync", "incremental", 1500),
                 *lag(OLD, "sync", "0+60x30 1800x60", "5+60x30 1805x60", "5x60"), *lag(NEW, "sync", "0+60x35 2100x60", "5+60x60", "5x35 65+60x60")]
        tests = [(self.target("replmond-fleet", "Worst lag"), [{"labels": "{}", "value": 305}])]
        for board, title, ref, value in (("fleet", "Tasks, worst first", "lag", 305), ("task", "Lag", "A", 305), ("task", "Lag over time", "A", 305),
                                         ("task", "Age of heartbeats", "A", 300), ("task", "Age of heartbeats", "B", -5)):
            shown = self.target(f"replmond-{board}", title, ref)
            tests.append((shown, [{"labels": f'{{{INSTANCE}, task="sync"}}', "value": value}]))
        self.assertEqual(evaluated(scene, tests), "")

    def test_a_task_that_is_held_is_not_the_worst(self):
        scene = [*watching(OLD, 60), *watching(NEW, 1500)]
        self.assertEqual(evaluated(scene, [(self.target("replmond-fleet", "Worst lag"), [{"labels": "{}", "value": 2400}])]), "")
        held = [one for pod in (OLD, NEW) for one in (*task(pod, "held", "paused", 60), *lag(pod, "held", *LAGS["held"]), *task(pod, "main", "incremental", 60))]
        self.assertEqual(evaluated(held, [
            (self.target("replmond-fleet", "Worst lag"), []),
            (self.target("replmond-fleet", "Tasks, worst first", "lag"), [{"labels": f'{{{INSTANCE}, task="held"}}', "value": 2400}]),
            (f"count({self.target('replmond-fleet', 'Tasks, worst first', 'state')})", [{"labels": "{}", "value": 2}]),
        ]), "")


if __name__ == "__main__":
    unittest.main()
