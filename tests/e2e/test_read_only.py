"""The daemon reads: only `replmond task` ever changes something in the cloud, and only what it was told to."""

import unittest

from support import PROJECT_ID, http, wait_for
from task_support import BILLING, CHANGING, ORDERS, TaskTest, cloud

# Every occasion for a request: faults with their error texts, tasks that come, go and finish, what is to be
# repaired, a login that ends, discovery.
TASKS = [
    "{name: comes_and_goes, repeat: true, timeline: [{stage: wait, for: 1s}, {stage: full, for: 2s}, {stage: incremental, for: 2s}, {stage: gone, for: 2s}]}",
    "{name: breaks, repeat: true, timeline: [{stage: incremental, for: 2s}, {status: No, for: 2s, error_msg: binlog is gone}, {need_repair: true, for: 2s}, {stage: paused, for: 1s}]}",
    "{name: waits, defined: true, timeline: [{stage: wait, for: 1s}, {stage: incremental}]}",
]


class ReadOnly(TaskTest):
    def test_the_daemon_with_everything_on(self):
        scenario = cloud(TASKS) + "users: [{domain: account, name: user, password: e2e-password}]\ntoken_lifetime: 24h\n"
        self.simulator = self.start_simulator(scenario)
        daemon = self.start_daemon(f"""
poll: {{interval: 1s, timeout: 2s, page_size: 1}}
alerts: {{repeat_interval: 1s}}
state: {{path: {self.folder}/state.db}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {self.simulator.url}
    iam_endpoint: {self.simulator.url}
    rate_limit: 100000/5m
    auth: {{type: password, domain: account, user: user, password: e2e-password}}
    discover: {{interval: 1s}}
instances:
  - {{name: orders, id: {ORDERS}, project: demo}}
""", "--web.enable-lifecycle")
        for event in ("task_gone", "task_discovered", "replication_reason", "replication_recovered", "repair_needed",
                      "instance_discovered", "stage_transition"):
            daemon.wait_for_line(f"event={event} ")
        self.control("faults", instance=ORDERS, operation="list", status=503, count=3)
        self.control("tokens", revoke="issued")
        tokens = lambda: [r for r in self.requests(self.simulator) if r["operation"] == "token"]
        wait_for(lambda: len(tokens()) > 1, "another token")
        http(daemon.url + "/-/reload", "POST")
        for path in ("/", "/metrics", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events", "/config"):
            http(daemon.url + path)
            http(daemon.url + path, "POST")
        before = len(self.requests(self.simulator))
        wait_for(lambda: len(self.requests(self.simulator)) > before + 20, "some more polls")
        self.assertEqual(daemon.stop(), 0)

        log = self.requests(self.simulator)
        asked = {(r["method"], r["operation"]) for r in log}
        self.assertEqual({sent for sent in asked if sent[0] != "GET"}, {("POST", "token")})
        self.assertLessEqual({("GET", "list"), ("GET", "configuration"), ("GET", "instances"), ("GET", "htap")}, asked)
        self.assertEqual([r for r in log if r.get("body") and r["operation"] != "token"], [])

    def test_the_commands_change_what_they_are_told_and_nothing_else(self):
        self.start_cloud(TASKS, speed=0)
        named = ["--instance=orders", "--task-name=breaks"]
        for arguments, sent in ((["list"], []), (["show", *named], []), (["pause", *named], [("POST", "pause")]),
                                (["resume", *named, "--follow"], [("POST", "resume")]),
                                (self.create_arguments("waits"), [("POST", "create")]),
                                (["delete", *named], []),
                                (["delete", *named, "--yes", "--follow"], [("DELETE", "delete")])):
            http(self.simulator.url + "/_control/requests", "DELETE")
            self.assertIn(self.task(*arguments).returncode, (0, 1))
            log = self.requests(self.simulator)
            changing = [(r["method"], r["operation"]) for r in log if r["method"] != "GET"]
            self.assertEqual(changing, sent, arguments)
            self.assertFalse([r for r in log if r["instance"] == BILLING and r["operation"] in CHANGING])
            self.assertFalse([r for r in log if r.get("grave")])


if __name__ == "__main__":
    unittest.main()
