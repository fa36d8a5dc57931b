"""Three pods of a StatefulSet as three shards, with one Prometheus. REPLMOND_STATIC names the folder of the static program."""

import collections
import os
import pathlib
import re
import signal
import subprocess
import unittest

from pods import copy_root, in_pod, make_root, make_volume, why_not
from projected_volume import ProjectedVolume
from prometheus_support import WithPrometheus, free_port, needs_prometheus
from support import PROJECT_ID, http, many, wait_for

COUNT = 3
UID = 65532
IDS = many(12)
SCENARIO = f"""
tokens: [pod-secret-token]
projects: [{PROJECT_ID}]
generate: {{instances: {len(IDS)}, tasks: 1, taurusdb: 1, name: found, project: {PROJECT_ID}, repeat: false, timeline: [{{stage: incremental}}]}}
"""
SWAPPED = 100  # seconds in which a swapped volume must be noticed


@unittest.skipIf(why_not(), why_not())
@needs_prometheus
class Pods(WithPrometheus):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        static = pathlib.Path(os.environ.get("REPLMOND_STATIC", "build/static")).resolve()
        self.root = make_root(self.folder / "root", static / "replmond")
        self.configuration = ProjectedVolume(self.folder / "configuration")
        self.configure(6)
        self.states = [make_volume(self.folder / f"state-{index}", UID) for index in range(COUNT)]
        self.ports = [free_port() for _ in range(COUNT)]

    def configure(self, count):
        """As the chart projects it. The first `count` instances are watched."""
        listed = "\n".join(f"  - {{name: i{n}, id: {identifier}}}" for n, identifier in enumerate(IDS[:count]))
        self.configuration.write(
            replmond_yaml=f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: demo
    region: ap-southeast-3
    endpoint: {self.simulator.url}
    project_id: {PROJECT_ID}
    rate_limit: 100000/5m
    auth: {{type: token, token_file: secrets/token}}
instances:
{listed}
""",
            secrets__token="pod-secret-token")

    def start_pod(self, index, root=None, name=None):
        program = ["/usr/bin/replmond", f"--web.listen-address=127.0.0.1:{self.ports[index]}", "--state.path=/var/lib/replmond/state.db",
                   f"--shard=hostname/{COUNT}", "--config.enable-auto-reload"]
        pod = self.start(name or f"pod-{index}", *in_pod(root or self.root, self.states[index], self.configuration.folder, f"replmond-{index}", UID, program))
        self.known_url(pod)
        return pod

    def owners(self):
        """The numbers of the pods that have read an instance, by its name."""
        found = collections.defaultdict(list)
        for row in self.query("replmond_poll_success == 1"):
            port = int(row["metric"]["instance"].split(":")[1])
            found[row["metric"]["starrocks_instance"]].append(self.ports.index(port))
        return dict(found)

    def wait_until_each_is_watched_once(self, count):
        names = {f"i{n}" for n in range(count)}
        wait_for(lambda: self.owners().keys() == names and all(len(pods) == 1 for pods in self.owners().values()),
                 lambda: f"{count} instances, each by one pod, not {self.owners()}", patience=SWAPPED)
        return {name: pods[0] for name, pods in self.owners().items()}

    def stored(self, index):
        """The events of a pod's volume, as `replmond events` prints them in the pod."""
        program = ["/usr/bin/replmond", "events", "--state.path=/var/lib/replmond/state.db", "--limit=10000"]
        done = subprocess.run(in_pod(self.root, self.states[index], self.configuration.folder, f"replmond-{index}", UID, program),
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_three_shards(self):
        pods = [self.start_pod(index) for index in range(COUNT)]
        self.start_prometheus(*pods)
        owner = self.wait_until_each_is_watched_once(6)
        self.assertGreater(len(set(owner.values())), 1)
        for pod in pods:
            wait_for(lambda: http(pod.url + "/-/ready")[0] == 200, "a ready pod")

        # A pod dies with its node. What happens meanwhile is told by the one that takes its name and its volume.
        lost = owner["i0"]
        mine = [n for n in range(6) if owner[f"i{n}"] == lost]
        pods[lost].process.send_signal(signal.SIGKILL)
        pods[lost].process.wait()
        for n in range(6):
            self.control(self.simulator, "tasks", {"instance": IDS[n], "task_name": "task_001", "set": {"stage": "paused"}})
        other_node = copy_root(self.root, self.folder / "other-root")
        pods[lost] = self.start_pod(lost, other_node, name="pod-elsewhere")
        for n in range(6):
            series = f'starrocks_replication_stage{{project="demo",starrocks_instance="i{n}",task="task_001",stage="paused"}}'
            self.wait_for_sample(pods[owner[f"i{n}"]], series, "1")
        self.assertEqual(self.wait_until_each_is_watched_once(6), owner)

        # The kubelet swaps the configuration under all of them.
        self.configure(len(IDS))
        grown = self.wait_until_each_is_watched_once(len(IDS))
        self.assertEqual({name: grown[name] for name in owner}, owner)
        for pod in pods:
            pod.wait_for_line(f"event=config_loaded .* instances={len(IDS)} added=[1-9][0-9]* changed=0 removed=0 reconnected=0$")

        for index, pod in enumerate(pods):
            self.assertEqual(pod.stop(), 0)
            lines = self.stored(index)
            numbers = [int(re.search(r"event_id=(\d+)", line)[1]) for line in lines]
            self.assertEqual(len(set(numbers)), len(numbers))
            known = [(re.search(r"event=(\w+)", line)[1], re.search(r"starrocks_instance=(\w+)", line)[1]) for line in lines]
            for n in range(len(IDS)):
                wanted = grown[f"i{n}"] == index
                self.assertEqual(known.count(("task_discovered", f"i{n}")), 1 if wanted else 0, lines)
                self.assertEqual(known.count(("stage_transition", f"i{n}")), 1 if wanted and n < 6 else 0, lines)
            self.assertNotIn("pod-secret", pod.output() + pod.errors())
        self.assertTrue(mine)
        self.assertEqual([r for r in self.requests(self.simulator) if r["status"] != 200], [])

    def test_the_init_container_refuses_a_mistake(self):
        self.configuration.write(replmond_yaml="poll: {interval: 5}\n")
        program = ["/usr/bin/replmond", "check-config", "--config.file=/etc/replmond/replmond.yaml"]
        done = subprocess.run(in_pod(self.root, self.states[0], self.configuration.folder, "replmond-0", UID, program),
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/etc/replmond/replmond.yaml:1:18: poll.interval: expected a duration from 1s to 1h", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
