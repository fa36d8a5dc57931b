"""Names whose lookup hangs: deadlines, the other projects and stopping do not wait for it."""

import os
import shutil
import subprocess
import unittest

from support import DAEMON, EndToEnd, PATIENCE, PROJECT_ID, ROOMY, ROOT, needs_shared_libraries, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"

SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - {{name: orders, id: {ORDERS}, tasks: [{{name: orders_main, timeline: [{{stage: incremental}}]}}]}}
  - {{name: billing, id: {BILLING}, tasks: [{{name: ledger, timeline: [{{stage: incremental}}]}}]}}
"""


@needs_shared_libraries
@unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
class Names(EndToEnd):
    def setUp(self):
        super().setUp()
        preloaded = self.folder / "names.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", preloaded, ROOT / "tests/e2e/names.c", "-ldl"],
                       check=True)
        self.hanging = self.folder / "hanging"
        self.hanging.mkdir()
        self.env = {"LD_PRELOAD": str(preloaded), "TEST_NAMES": str(self.hanging)}
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.port = self.simulator.url.rsplit(":", 1)[1]

    def hang(self, host):
        (self.hanging / host).touch()

    def config(self, projects, timeout):
        """A configuration with one instance for each (project, host, instance, id)."""
        text = f"poll: {{interval: 1s, timeout: {timeout}}}\nprojects:\n"
        for project, host, _, _ in projects:
            text += (f"  - {{name: {project}, region: ap-southeast-3, project_id: {PROJECT_ID}, insecure_http: true, "
                     f"endpoint: 'http://{host}:{self.port}', {ROOMY}, auth: {{type: token, token: e2e-secret-token}}}}\n")
        text += "instances:\n"
        for project, _, instance, identifier in projects:
            text += f"  - {{name: {instance}, id: {identifier}, project: {project}}}\n"
        return text

    def test_a_hanging_lookup_holds_neither_deadlines_nor_others_nor_the_end(self):
        self.hang("hang.example")
        config = self.config([("stuck", "hang.example", "orders", ORDERS),
                              ("shop", "good.example", "billing", BILLING)], timeout="500ms")
        daemon = self.start_daemon(config, env=self.env)
        self.wait_for_polls(daemon, "orders", 2, result="timeout", project="stuck")
        before = self.polls(daemon, "billing", "success", "shop")
        self.wait_for_polls(daemon, "billing", before + 2, project="shop")
        self.assertRegex(daemon.wait_for_line("event=poll_failed"), "resolving hang.example")
        self.assertEqual([self.polls(daemon, "billing", result, "shop") for result in ("timeout", "network")], [0, 0])
        self.assertEqual(daemon.stop(within=3), 0)
        self.assertEqual(daemon.errors(), "")

    def test_polls_go_on_with_the_last_good_addresses(self):
        daemon = self.start_daemon(self.config([("shop", "later.example", "billing", BILLING)], timeout="20s"),
                                   env=self.env)
        self.wait_for_polls(daemon, "billing", 1, project="shop")
        self.hang("later.example")
        for _ in range(3):
            known = {request["connection"] for request in self.requests(self.simulator)}
            polls = self.polls(daemon, "billing", "success", "shop")
            # The kept connection is cut before it answers, so the request is repeated on a new one.
            self.control(self.simulator, "faults", {"instance": "*", "reset_at": "answer", "count": 1})
            wait_for(lambda: {request["connection"] for request in self.requests(self.simulator)} - known, "a new connection")
            self.wait_for_polls(daemon, "billing", polls + 2, project="shop")
        self.assertEqual([self.polls(daemon, "billing", result, "shop") for result in ("timeout", "network")], [0, 0])
        self.assertEqual(daemon.stop(within=3), 0)

    def test_proving_credentials_ends_as_well(self):
        self.hang("hang.example")
        config = self.write("c.yaml", self.config([("stuck", "hang.example", "orders", ORDERS),
                                                   ("shop", "good.example", "billing", BILLING)], timeout="500ms"))
        done = subprocess.run([DAEMON, "check-config", "--online", config], capture_output=True, text=True,
                              timeout=PATIENCE, env={**os.environ, **self.env})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"project stuck: could not be proven: .*resolving hang\.example")
        self.assertRegex(done.stdout, r"project shop: .* is accepted")
