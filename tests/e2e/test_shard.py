"""Several daemons that share one configuration."""

import subprocess

from support import DAEMON, EndToEnd, PROJECT_ID, config_for, many, wait_for

TAURUS = "00000000000000000000000000000001in07"
SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
rate: {{requests: 60, window: 10s}}
generate: {{instances: 40, tasks: 1, taurusdb: 1, name: found, project: {PROJECT_ID}, repeat: false, timeline: [{{stage: incremental}}]}}
"""


class Shards(EndToEnd):
    def start_shards(self, config, count=3):
        self.write("replmond.yaml", config)
        return [self.start_shard(index, count) for index in range(count)]

    def names(self, daemon):
        found = self.samples(daemon, "^replmond_polls_total.*success")
        return {series.split('starrocks_instance="')[1].split('"')[0] for series in found}

    def check_each_has_one(self, shards, all_names):
        owned = [self.names(shard) for shard in shards]
        self.assertEqual(set.union(*owned), all_names)
        self.assertEqual(sum(map(len, owned)), len(all_names), "none twice")
        for names in owned:
            self.assertGreater(len(names), len(all_names) / 10)

    def test_each_instance_is_on_one_shard(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        names = [(f"i{n}", identifier, "") for n, identifier in enumerate(many(40))]
        shards = self.start_shards(config_for(simulator, names, project="rate_limit: 60/10s"))
        self.check_each_has_one(shards, {name for name, _, _ in names})
        for index, shard in enumerate(shards):
            self.assertEqual(self.sample(shard, f'replmond_shard_info{{shard="{index}",shards="3"}}'), "1")
            # 1/3 of the limit each: 20 in 10 s, of which 80 % are 16.
            self.assertRegex(shard.wait_for_line("event=intervals_stretched"), " limit=20 window=10 ")
            for name in self.names(shard):
                self.wait_for_polls(shard, name, 1)
        wait_for(lambda: len(self.requests(simulator)) >= 100, "two windows", patience=90)
        [caller] = self.state(simulator)["rate"]["callers"]
        self.assertEqual(caller["refused"], 0)
        self.assertLessEqual(caller["most_in_a_window"], 60)

    def test_discovered_ones_as_well(self):
        simulator = self.start_simulator(SCENARIO.replace("requests: 60", "requests: 10000"), speed=0)
        config = config_for(simulator, [("mine", many(1)[0], "")],
                            project="rate_limit: 100000/5m\n    discover: {interval: 2s}")
        shards = self.start_shards(config)
        expected = {"mine"} | {f"found-{n:04}" for n in range(2, 41)}
        wait_for(lambda: set.union(*map(self.names, shards)) == expected, "all of them")
        self.check_each_has_one(shards, expected)
        lines = [line for shard in shards for line in shard.lines("event=instance_discovered")]
        self.assertEqual(len(lines), 39, "each is told of once")

        self.control(simulator, "htap", {"taurusdb": TAURUS, "instance": many(1, first=2)[0], "deleted": True})
        expected -= {"found-0002"}
        wait_for(lambda: set.union(*map(self.names, shards)) == expected, "one to go")
        self.assertEqual(len([line for shard in shards for line in shard.lines("event=instance_gone")]), 1)

    def test_without_shards_there_is_no_info(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        daemon = self.start_daemon(config_for(simulator, [("one", many(1)[0], "")]))
        self.assertEqual(self.samples(daemon, "replmond_shard_info"), {})

    def test_wrong_shards_are_mistakes_of_usage(self):
        config = self.write("c.yaml", "{}\n")
        for wrong in ("3/3", "-1/3", "1", "a/b", "0/0", "1/", "", "1/3/5", "0.5/2"):
            with self.subTest(wrong):
                done = subprocess.run([str(DAEMON), f"--config.file={config}", f"--shard={wrong}"], capture_output=True,
                                      text=True, timeout=30)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("--shard", done.stderr)
                self.assertRegex(done.stderr, r"\Areplmond: --shard[^\n]*\nTry 'replmond --help'\.\n\Z")


class HostNames(EndToEnd):
    """`--shard=hostname/n`, as the pods of a StatefulSet start."""

    def run_as(self, host, shard, *more):
        return ["unshare", "--uts", "sh", "-c", 'hostname "$1" && shift && exec "$@"', "sh", host, str(DAEMON),
                f"--config.file={self.folder}/replmond.yaml", "--web.listen-address=127.0.0.1:0", f"--shard={shard}", *more]

    def setUp(self):
        super().setUp()
        if subprocess.run(["unshare", "--uts", "hostname", "a"], capture_output=True).returncode != 0:
            self.skipTest("a name space for a host name needs root")
        self.write("replmond.yaml", "instances: []\n")

    def test_the_number_at_the_end_of_the_name_counts(self):
        for host, index in (("replmond-0", "0"), ("replmond-2.headless.monitoring", "2")):
            shard = self.start(host, *self.run_as(host, "hostname/3"))
            self.known_url(shard)
            self.assertEqual(self.sample(shard, f'replmond_shard_info{{shard="{index}",shards="3"}}'), "1")

    def test_a_name_without_one_is_a_mistake(self):
        for host in ("replmond", "replmond-3"):
            done = subprocess.run(self.run_as(host, "hostname/3"), capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn("expected a host name that ends in a number from 0 to 2, because hostname/3 takes its shard from there, "
                          f'got "{host}"', done.stderr)
