"""Access key and secret key against a cloud that checks every signature with code of its own."""

import json
import re

from support import EndToEnd, PROJECT_ID, ROOMY, http, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"

SCENARIO = f"""
keys:
  - {{access: E2EACCESS, secret: e2e-secret-key}}
  - {{access: E2ETEMPORARY, secret: e2e-secret-key, security_token: "e2e/secret+token=="}}
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    max_page: 1
    tasks:
      - {{name: main, source_database: a, target_database: b, timeline: [{{stage: incremental}}]}}
      - {{name: "订单 & 1=1?/#+%", source_database: c, target_database: d, timeline: [{{stage: full, percentage: 12.5, status: No, error_msg: "binlog is gone", error_msg_zh: "binlog 已过期"}}]}}
"""


def config_for(simulator, auth):
    return f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {simulator.url}
    {ROOMY}
    auth: {auth}
instances: [{{name: orders, id: {ORDERS}}}]
"""


class Signing(EndToEnd):
    def keys(self, simulator):
        return json.loads(http(simulator.url + "/_control/state")[2])["keys"]

    def test_every_request_is_signed_right(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        secret = self.write("sk", "e2e-secret-key\n")
        daemon = self.start_daemon(config_for(simulator, f"{{type: aksk, access_key: E2EACCESS, secret_key_file: {secret.name}}}"))
        self.wait_for_polls(daemon, "orders", 3)
        # The configuration call signs a query with everything in it that needs encoding.
        line = daemon.wait_for_line("event=replication_reason")
        self.assertIn('reason="binlog is gone"', line)
        asked = self.requests(simulator)
        self.assertEqual({r["operation"] for r in asked}, {"list", "configuration"})
        self.assertEqual({r["status"] for r in asked}, {200})
        self.assertNotIn("e2e-secret", daemon.output() + daemon.errors() + self.metrics(daemon))

    def test_the_cloud_is_asked_for_texts_in_the_language_of_the_project(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        config = config_for(simulator, "{type: aksk, access_key: E2EACCESS, secret_key: e2e-secret-key}")
        config = config.replace("}]\n", f"}}, {{name: lost, id: {ORDERS[::-1]}}}]\nalerts: {{repeat_interval: 1s}}\n")
        daemon = self.start_daemon(config)
        self.assertIn(' reason="binlog is gone"', daemon.wait_for_line("event=replication_reason"))
        self.assertIn(' error_msg="Instance not found.', daemon.wait_for_line("event=poll_failed .*starrocks_instance=lost"))

        self.reload(daemon, config.replace("auth:", "language: zh-cn\n    auth:"))
        self.assertIn("language: zh-cn\n", http(daemon.url + "/config")[2])
        daemon.wait_for_line("event=replication_reason .*reason=\"binlog 已过期")
        daemon.wait_for_line("event=poll_failed .*starrocks_instance=lost .*error_msg=\"实例不存在")
        # The header is signed, so a wrong signature would be a 401.
        self.assertEqual({r["status"] for r in self.requests(simulator)}, {200, 404})

    def test_temporary_keys(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        daemon = self.start_daemon(
            config_for(simulator, '{type: aksk, access_key: E2ETEMPORARY, secret_key_env: E2E_SK, security_token_env: E2E_ST}'),
            env={"E2E_SK": "e2e-secret-key", "E2E_ST": "e2e/secret+token=="})
        self.wait_for_polls(daemon, "orders", 2)
        self.assertNotIn("e2e/secret", daemon.output() + daemon.errors() + self.metrics(daemon) + http(daemon.url + "/config")[2])

    def test_each_attempt_is_signed_anew(self):
        # A signature that is used again later is refused: the cloud's clock moves on, ours does not follow it.
        simulator = self.start_simulator(SCENARIO, speed=0)
        daemon = self.start_daemon(config_for(simulator, "{type: aksk, access_key: E2EACCESS, secret_key: e2e-secret-key}"))
        self.wait_for_polls(daemon, "orders", 1)
        self.control(simulator, "clock", {"offset_seconds": 14 * 60})
        polls = len(self.requests(simulator))
        wait_for(lambda: len(self.requests(simulator)) > polls + 6, "more requests")
        self.assertEqual({r["status"] for r in self.requests(simulator)}, {200})

    def test_a_wrong_secret_is_auth(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        daemon = self.start_daemon(config_for(simulator, "{type: aksk, access_key: E2EACCESS, secret_key: not-the-secret}"))
        line = daemon.wait_for_line("event=poll_failed")
        self.assertRegex(line, r"result=auth http_status=401 error_code=APIGW\.0301 error_msg=.*aksk signature fail.* request_id=")
        self.assertNotIn("not-the-secret", daemon.output() + daemon.errors() + self.metrics(daemon))
        self.assertEqual(self.sample(daemon, 'replmond_poll_success{project="demo",starrocks_instance="orders"}'), "0")


class HostileTexts(EndToEnd):
    EVIL = 'oops"\n\rlevel=FATAL event=fake \\ \x1b[2J \x7f \x85 \u2028 终 =x'

    def fields(self, line):
        """A logfmt line as a list of pairs: strict, so that a value that broke out would show."""
        pairs, rest = [], line
        while rest:
            match = re.match(r'([a-z_]+)=("(?:[^"\\]|\\["\\]|\\u[0-9a-f]{4})*"|[^ "=]*)(?: |$)', rest)
            self.assertTrue(match, f"no logfmt from here on: {rest!r}")
            value = match[2]
            if value.startswith('"'):
                value = re.sub(r'\\(["\\]|u[0-9a-f]{4})', lambda m: m[1] if len(m[1]) == 1 else chr(int(m[1][1:], 16)),
                               value[1:-1])
            pairs.append((match[1], value))
            rest = rest[match.end():]
        return dict(pairs)

    def run_against_evil(self, *flags):
        simulator = self.start_simulator(SCENARIO, speed=0)
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": self.EVIL, "add": True,
                                          "set": {"status": "No", "stage": self.EVIL, "error_msg": self.EVIL,
                                                  "source_database": self.EVIL, "raw": {"percentage": self.EVIL}}})
        daemon = self.start_daemon(
            config_for(simulator, "{type: aksk, access_key: E2EACCESS, secret_key: e2e-secret-key}"), *flags)
        daemon.wait_for_line("replication_reason.*oops")
        self.control(simulator, "faults", {"instance": "*", "status": 500, "error_code": self.EVIL, "error_msg": self.EVIL})
        daemon.wait_for_line("poll_failed")
        return daemon

    def test_logfmt(self):
        daemon = self.run_against_evil()
        raw = daemon.output()
        lines = [self.fields(line) for line in raw.rstrip("\n").split("\n")]
        self.assertEqual(len(lines), len(raw.splitlines()), "a value broke a line for some reader")
        self.assertNotIn("fake", {line["event"] for line in lines})
        self.assertEqual({line["level"] for line in lines}, {"INFO", "WARN", "ERROR"})
        by_event = {line["event"]: line for line in lines if "oops" in str(line)}
        self.assertEqual(by_event["task_discovered"]["task"], self.EVIL)
        self.assertEqual(by_event["task_discovered"]["raw"], "O" + self.EVIL[1:])  # as the cloud writes stages
        self.assertEqual(by_event["replication_reason"]["reason"], self.EVIL)
        self.assertEqual(by_event["poll_failed"]["error_code"], self.EVIL)
        self.assertEqual(by_event["poll_failed"]["error_msg"], self.EVIL)
        self.assertEqual(by_event["unexpected_value"]["value"], self.EVIL)

    def test_json(self):
        daemon = self.run_against_evil("--log.format=json")
        raw = daemon.output()
        lines = [json.loads(line) for line in raw.rstrip("\n").split("\n")]
        self.assertEqual(len(lines), len(raw.splitlines()))
        self.assertNotIn("fake", {line["event"] for line in lines})
        by_event = {line["event"]: line for line in lines if "oops" in str(line)}
        self.assertEqual(by_event["task_discovered"]["task"], self.EVIL)
        self.assertEqual(by_event["replication_reason"]["reason"], self.EVIL)
        self.assertEqual(by_event["poll_failed"]["error_msg"], self.EVIL)
        for line in lines:
            self.assertTrue(all(isinstance(v, (str, int, float, bool)) for v in line.values()), "flat")
        self.assertIs(type(by_event["poll_failed"]["attempts"]), int)
        self.assertIs(type(next(line for line in lines if line.get("task") == "main")["main_task"]), bool)
