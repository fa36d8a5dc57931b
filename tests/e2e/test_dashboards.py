"""Every query of the boards, on a real Prometheus that scrapes real daemons."""

import unittest

from board_support import WithBoards, scene
from prometheus_support import needs_prometheus
from support import PROJECT_ID, config_for, wait_for

# (board, query): what shows trouble, or what not everybody has. Empty while all is well; all else never is.
EMPTY_WHEN_HEALTHY = {
    ("replmond-fleet", "States of tasks that had some: A"),
    ("replmond-fleet", "StarRocks instances: why"),
    ("replmond-fleet", "Tasks, worst first: left"),
    ("replmond-fleet", "Tasks, worst first: catchup"),
    ("replmond-task", "Time left: A"),
    ("replmond-task", "Progress: B"),
    ("replmond-task", "Status, stage and catch-up: C"),
    ("replmond-task", "Progress over time: B"),
    ("replmond-task", "mark Abnormal"),
    ("replmond-daemon", "Daemons: shard"),
    ("replmond-daemon", "Ticks skipped a minute: A"),
    ("replmond-daemon", "Projects: ends"),
    ("replmond-daemon", "Projects: listed"),
    ("replmond-daemon", "Projects: age"),
    ("replmond-daemon", "Projects: found"),
    ("replmond-daemon", "Not understood: A"),
}
# What nobody has who does not measure lag.
EMPTY_WITHOUT_LAG = {
    ("replmond-fleet", "Worst lag: A"),
    ("replmond-fleet", "Tasks, worst first: lag"),
    ("replmond-task", "Lag: A"),
    ("replmond-task", "Lag over time: A"),
    ("replmond-task", "Age of heartbeats: A"),
    ("replmond-task", "Age of heartbeats: B"),
}
# What nobody has who does not say where the pages are.
EMPTY_WITHOUT_URL = {
    ("replmond-fleet", "Tasks, worst first: page"),
    ("replmond-task", "Identity: page"),
}
EMPTY_WHEN_CALM = EMPTY_WHEN_HEALTHY | EMPTY_WITHOUT_LAG | EMPTY_WITHOUT_URL
URL = "--web.external-url=https://status.example/"
CALM = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - {{name: orders, id: {scene.STOCK}, wire: numbers, tasks: [{{name: sync, timeline: [{{stage: incremental}}]}}]}}
"""


@needs_prometheus
class Boards(WithBoards):
    def test_everything_happens(self):
        simulator = self.start_simulator(scene.scenario(), speed=scene.SPEED, databases=True)
        for path, body in scene.FAULTS:
            self.control(simulator, path, body)
        # Two that watch the same; the second one as all there is of a sharded set.
        config = scene.config(simulator.url, simulator.mysql_port)
        one = self.start_daemon(config, URL)
        two = self.start_daemon(config, URL, "--shard=0/1", name="second")
        self.start_prometheus(one, two)
        tasks = ["stock_broken", "stock_copy", "stock_added", "stock_torn", "stock_main"]
        for key, forms in self.queries(tasks):
            with self.subTest(query=key):
                wait_for(lambda: any(self.query(form) for form in forms), f"series of {key}: {forms[0]}")
                for form in forms:
                    self.ranged(form)
        for key in EMPTY_WHEN_CALM:
            self.assertIn(key, {found for found, _ in self.queries(tasks)})
        self.check_states()
        self.check_counts()
        self.check_gone(simulator)
        self.check_stopped(two)

    def check_states(self):
        """The worst that holds, once for each task whoever watches it."""
        states = self.target("replmond-fleet", "Tasks, worst first", "state", starrocks_instance="stock")
        wanted = {"main": 1, "broken": 9, "stuck": 7, "copy": 2, "added": 7, "torn": 8, "held": 4, "dropped": 5, "queued": 3, "odd": 6}
        wanted = {("logistics", "stock", f"stock_{name}"): number for name, number in wanted.items()}
        wait_for(lambda: self.rows(states) == wanted, f"states {wanted}, not {self.rows(states)}")
        for ref in ("progress", "names", "page"):
            rows = self.rows(self.target("replmond-fleet", "Tasks, worst first", ref, starrocks_instance="stock"))
            self.assertEqual(len(rows), len(wanted), ref)
        # The time is known of all but a catch-up without progress, and what needs repair.
        since = self.rows(self.target("replmond-fleet", "Tasks, worst first", "age", starrocks_instance="stock"))
        self.assertEqual(set(wanted) - set(since), {("logistics", "stock", f"stock_{name}") for name in ("added", "torn")})
        pages = self.query(self.target("replmond-fleet", "Tasks, worst first", "page", starrocks_instance="stock"))
        self.assertEqual({found["metric"]["external_url"] for found in pages}, {"https://status.example"})

    def check_counts(self):
        """Two replmond count once; what fails is found."""
        listed = len(scene.TROUBLE[0]["tasks"])
        self.assertEqual(list(self.rows(self.target("replmond-fleet", "Tasks by stage", starrocks_instance="stock")).values()), [listed])
        stock = {"starrocks_instance": "stock"}
        for title, count in (("Abnormal", 1), ("No progress", 2), ("Need repair", 1)):
            query = self.target("replmond-fleet", title, **stock)
            wait_for(lambda: list(self.rows(query).values()) == [count], f"{title} to be {count}: {query}")
        failing = self.target("replmond-fleet", "Instances failing", starrocks_instance="returns|stock")
        wait_for(lambda: list(self.rows(failing).values()) == [1], "one failing instance")
        why = self.target("replmond-fleet", "StarRocks instances", "why", starrocks_instance="returns")
        self.assertEqual(list(self.rows(why)), [("logistics", "network", "returns")])

    def check_gone(self, simulator):
        """A deleted task vanishes, from the table as from the counts."""
        states = self.target("replmond-fleet", "Tasks, worst first", "state", starrocks_instance="stock")
        self.control(simulator, "tasks", {"instance": scene.STOCK, "task_name": "stock_torn", "remove": True})
        wait_for(lambda: ("logistics", "stock", "stock_torn") not in self.rows(states), "the task to vanish")
        self.assertEqual(list(self.rows(self.target("replmond-fleet", "Need repair", starrocks_instance="stock")).values()), [0])

    def check_stopped(self, daemon):
        """A daemon that ends is down, and not forgotten; what the other one sees stays."""
        down = self.target("replmond-fleet", "replmond down")
        self.assertEqual(list(self.rows(down).values()), [0])
        daemon.stop()
        wait_for(lambda: list(self.rows(down).values()) == [1], "a target to be down")
        self.assertEqual(list(self.rows(self.target("replmond-daemon", "Targets up")).values()), [1])
        rows = self.rows(self.target("replmond-daemon", "Daemons", "up"))
        self.assertEqual(sorted(rows.values()), [0, 1])
        self.assertEqual(list(self.rows(self.target("replmond-fleet", "Abnormal", starrocks_instance="stock")).values()), [1])

    def test_all_is_well(self):
        simulator = self.start_simulator(CALM)
        daemon = self.start_daemon(config_for(simulator, [("orders", scene.STOCK, "")]))
        self.start_prometheus(daemon)
        empty = set()
        self.wait_for_polls(daemon, "orders", 4)
        first = self.filled('rate(process_cpu_seconds_total{job=~"$job"}[$__rate_interval]) and on () starrocks_replication_status')
        wait_for(lambda: self.rows(first), "enough scrapes for rates")
        for key, forms in self.queries(["sync"]):
            # Nothing that is on the list ever comes; all others come at once or soon.
            if key in EMPTY_WHEN_CALM:
                if self.query(forms[0]):
                    empty.add(key)
            else:
                with self.subTest(query=key):
                    wait_for(lambda: self.query(forms[0]), f"series of {key}: {forms[0]}")
        self.assertEqual(empty, set(), "said to be empty when healthy, and is not")
        for title in ("Abnormal", "No progress", "Need repair", "Instances failing", "replmond down"):
            self.assertEqual(list(self.rows(self.target("replmond-fleet", title)).values()), [0], title)

    def test_nothing_is_known(self):
        """Nobody answers: no board says that nothing is wrong."""
        simulator = self.start_simulator(CALM)
        daemon = self.start_daemon(config_for(simulator, [("orders", scene.STOCK, "")]))
        self.start_prometheus(daemon)
        self.wait_for_polls(daemon, "orders", 2)
        up = self.target("replmond-daemon", "Targets up")
        wait_for(lambda: list(self.rows(up).values()) == [1], "a scrape")
        daemon.stop()
        wait_for(lambda: list(self.rows(up).values()) == [0], "the target to be down")
        for title in ("Abnormal", "No progress", "Need repair", "Instances failing", "Oldest data"):
            self.assertEqual(self.rows(self.target("replmond-fleet", title)), {}, title)
        self.assertEqual(list(self.rows(self.target("replmond-fleet", "replmond down")).values()), [1])


if __name__ == "__main__":
    unittest.main()
