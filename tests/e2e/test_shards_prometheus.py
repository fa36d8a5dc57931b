"""Three shards and one Prometheus: together they are one replmond."""

import time

from alert_support import WithAlerts, needs_alertmanager
from board_support import WithBoards
from prometheus_support import free_port
from support import PROJECT_ID, config_for, many, wait_for

COUNT = 3
IDS = many(18)
LISTED = 6  # are in the configuration; discovery finds the others
NAMES = {f"mine-{n}" for n in range(1, LISTED + 1)} | {f"found-{n:04}" for n in range(LISTED + 1, len(IDS) + 1)}
TASKS = 2  # of each instance
SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
generate: {{instances: {len(IDS)}, tasks: {TASKS}, taurusdb: 1, name: found, project: {PROJECT_ID}, repeat: false, timeline: [{{stage: incremental}}]}}
"""

# Queries of boards that give one series for each instance, or for each of its tasks, while all is well.
OF_INSTANCES = {"StarRocks instances": ("read", "age", "tasks", "abnormal", "interval")}
OF_TASKS = {"Tasks, worst first": ("state", "age", "progress", "names", "page")}


@needs_alertmanager
class ShardsTogether(WithAlerts, WithBoards):
    def setUp(self):
        super().setUp()
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        mine = [(f"mine-{n}", IDS[n - 1], "") for n in range(1, LISTED + 1)]
        self.write("replmond.yaml", config_for(self.simulator, mine, project="rate_limit: 100000/5m\n    discover: {interval: 1s}"))
        self.listen = [f"127.0.0.1:{free_port()}" for _ in range(COUNT)]
        self.shards = [self.start_one(index) for index in range(COUNT)]
        wait_for(lambda: sum(map(self.read, self.shards)) >= len(NAMES), "every instance to be read")
        self.start_alertmanager()
        self.start_prometheus_with_rules(*self.shards)
        self.check_each_once()
        # Before its first scrape Prometheus knows of no target, and these minutes are short.
        self.await_alerts()
        self.began = time.monotonic()

    def start_one(self, index, name=None):
        return self.start_shard(index, COUNT, f"--state.path={self.folder}/state-{index}.db", f"--web.external-url=https://status.example/{index}/",
                                listen=self.listen[index], name=name)

    def read(self, shard):
        return list(self.samples(shard, "^replmond_poll_success").values()).count("1")

    def owner(self, name):
        [found] = self.query(f'replmond_poll_success{{starrocks_instance="{name}"}}')
        return self.listen.index(found["metric"]["instance"])

    def await_alerts(self, *names):
        """Until exactly these fire, each once, and no other is about to."""
        def alerts():
            return sorted(r["metric"]["alertname"] for r in self.query("ALERTS"))

        wait_for(lambda: alerts() == sorted(names), lambda: f"{names}, not {alerts()}")

    def fired(self):
        """The names of all alerts that fired since everything was well."""
        passed = int((time.monotonic() - self.began) * 1000)
        return sorted(r["metric"]["alertname"] for r in self.query(f'max_over_time(ALERTS{{alertstate="firing"}}[{passed}ms])'))

    def check_each_once(self):
        """Whatever Prometheus has of an instance comes from one shard; and every instance has all that each must have."""
        theirs = '{starrocks_instance!="", __name__=~"(starrocks_replication|replmond_poll)s?_.+"}'
        wait_for(lambda: set(self.known()) == NAMES, lambda: f"all instances, not {sorted(self.known())}")
        times = self.query(f"count by (__name__, starrocks_instance) (count by (__name__, starrocks_instance, instance) ({theirs}))")
        self.assertEqual({r["value"][1] for r in times}, {"1"})
        owners = self.query(f"count by (starrocks_instance) (count by (starrocks_instance, instance) ({theirs}))")
        self.assertEqual({r["metric"]["starrocks_instance"]: r["value"][1] for r in owners}, dict.fromkeys(NAMES, "1"))
        families = {}
        for r in times:
            families.setdefault(r["metric"]["__name__"], set()).add(r["metric"]["starrocks_instance"])
        self.assertGreater(len(families), 12)
        self.assertEqual({family: names for family, names in families.items() if names != NAMES}, {})
        self.assertEqual({self.owner(name) for name in NAMES}, set(range(COUNT)))

    def known(self):
        return [r["metric"]["starrocks_instance"] for r in self.query("count by (starrocks_instance) (starrocks_replication_info)")]

    def test_boards_and_records_have_each_once(self):
        of_tasks = {name: TASKS for name in NAMES}
        wait_for(lambda: self.query(self.filled("rate(replmond_polls_total[$__rate_interval])")), "enough scrapes for rates")
        for wanted, refs in ((dict.fromkeys(NAMES, 1), OF_INSTANCES), (of_tasks, OF_TASKS)):
            for title, found in ((title, self.target("replmond-fleet", title, ref)) for title, all_refs in refs.items() for ref in all_refs):
                with self.subTest(title=title, query=found):
                    self.assertEqual(self.times(found), wanted)
        # Whatever else a board shows of an instance differs in more than the shard it comes from.
        task = self.query("starrocks_replication_info")[0]["metric"]["task"]
        for key, [query] in self.queries([task]):
            with self.subTest(query=key):
                series = [tuple(sorted((k, v) for k, v in r["metric"].items() if k not in ("job", "instance")))
                          for r in self.query(query) if "starrocks_instance" in r["metric"]]
                self.assertEqual(len(series), len(set(series)))
        self.check_sums()
        self.check_records(of_tasks)
        self.await_alerts()
        self.assertEqual(self.fired(), [])

    def times(self, expr):
        """How many series each instance has."""
        found = [r["metric"]["starrocks_instance"] for r in self.query(expr)]
        return {name: found.count(name) for name in found}

    def only(self, board, title, ref="A"):
        [value] = self.rows(self.target(board, title, ref)).values()
        return value

    def check_sums(self):
        self.assertEqual(self.only("replmond-fleet", "Tasks by stage"), TASKS * len(NAMES))
        for title in ("Abnormal", "No progress", "Need repair", "Instances failing", "replmond down"):
            self.assertEqual(self.only("replmond-fleet", title), 0, title)
        self.assertEqual(self.only("replmond-daemon", "Targets up"), COUNT)
        self.assertEqual(sum(self.rows(self.target("replmond-daemon", "Daemons", "instances")).values()), len(NAMES))
        shards = self.query(self.target("replmond-daemon", "Daemons", "shard"))
        self.assertEqual(sorted((r["metric"]["instance"], r["metric"]["shard"], r["metric"]["shards"]) for r in shards),
                         sorted((listen, str(index), str(COUNT)) for index, listen in enumerate(self.listen)))
        self.assertEqual(self.only("replmond-daemon", "Projects", "found"), len(NAMES), "each shard lists them all")

    def check_records(self, of_tasks):
        wait_for(lambda: self.times("task:starrocks_replication_stage:age_seconds") == of_tasks, "the rules to be evaluated")
        self.assertEqual(self.times("task:starrocks_replication_info:names"), of_tasks)
        self.assertEqual(self.rows("starrocks_instance:starrocks_replication_abnormal:sum"),
                         {("starrocks_instance:starrocks_replication_abnormal:sum", "demo", name): 0 for name in NAMES})

    def test_an_alert_of_one_shard_and_a_shard_that_is_stopped(self):
        sick = "mine-1"
        task = self.query(f'starrocks_replication_info{{starrocks_instance="{sick}"}}')[0]["metric"]["task"]
        self.control(self.simulator, "tasks", {"instance": IDS[0], "task_name": task, "set": {"status": "No"}})
        _, _, notes = self.wait_until_told("ReplicationAbnormal")[0]
        self.assertEqual(notes["page"], f"https://status.example/{self.owner(sick)}/task?project=demo&starrocks_instance={sick}&task={task}")
        self.await_alerts("ReplicationAbnormal")

        # Another shard ends: that, and nothing else, is told as well; what the others watch is watched.
        gone = (self.owner(sick) + 1) % COUNT
        self.shards[gone].stop()
        path, labels, notes = self.wait_until_told("ShardMissing")[0]
        self.assertEqual((path, labels["shards"], notes["summary"]), ("/pager", str(COUNT), f"{COUNT - 1} of {COUNT} shards of replmond run"))
        self.assertEqual([(path, labels["instance"]) for path, labels, _ in self.told("ReplmondTargetDown")], [("/tickets", self.listen[gone])])
        self.await_alerts("ReplicationAbnormal", "ReplmondTargetDown", "ShardMissing")
        self.assertEqual([(self.only("replmond-daemon", "Targets up", ref)) for ref in "AB"], [COUNT - 1, 1])
        self.assertEqual(self.only("replmond-fleet", "Abnormal"), 1)

        self.shards[gone] = self.start_one(gone, name="again")
        for alert in ("ShardMissing", "ReplmondTargetDown"):
            self.wait_until_told(alert, "resolved")
        self.check_each_once()
        # What it knew is old until it has polled.
        self.await_alerts("ReplicationAbnormal")
        self.assertEqual(self.fired(), ["ReplicationAbnormal", "ReplmondTargetDown", "ShardMissing"])
        self.assertEqual([(path, labels["starrocks_instance"], labels["task"]) for path, labels, _ in self.told("ReplicationAbnormal")],
                         [("/pager", sick, task)])
