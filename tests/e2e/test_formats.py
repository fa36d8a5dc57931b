"""The exposition in every form, read by real parsers."""

import gzip
import json
import re
import shutil
import subprocess
import unittest
import urllib.request

import documented_events
from support import EndToEnd, PATIENCE, PROJECT_ID, ROOMY, ROOT, config_for, http, wait_for

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
except ImportError:  # the package python3-prometheus-client belongs to the system's python
    parse_open_metrics = None

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BUSY = ROOT / "tests/simulator/scenarios/demo.yaml"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Formats(EndToEnd):
    def setUp(self):
        super().setUp()
        simulator = self.start_simulator(BUSY.read_text().replace("demo-token", "e2e-secret-token"), speed=30)
        self.daemon = self.start_daemon(config_for(simulator, [
            ("orders", ORDERS, ", labels: {team: payments}"),
            ("billing", "1b2c3d4e5f60718293a4b5c6d7e8f90ain17", ""),
            ("analytics", "2c3d4e5f60718293a4b5c6d7e8f90a1bin17", ""),
        ], project=ROOMY + "\n    discover: {interval: 1h}"), "--shard=0/1")  # so that every family is there
        self.daemon.wait_for_line("event=replication_abnormal")
        self.daemon.wait_for_line("event=catchup_stage_transition")

    def get(self, **headers):
        request = urllib.request.Request(self.daemon.url + "/metrics",
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.headers, answer.read()

    def check_no_duplicates(self, text):
        series = [line.rsplit(" ", 1)[0] for line in text.splitlines() if line and not line.startswith("#")]
        self.assertEqual(len(series), len(set(series)))
        self.assertGreater(len(series), 200)

    def test_text(self):
        headers, body = self.get()
        self.assertEqual(headers["Content-Type"], TEXT)
        self.assertEqual(headers["Vary"], "Accept, Accept-Encoding")
        lint = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True)
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, b""))
        self.check_no_duplicates(body.decode())

    @unittest.skipUnless(parse_open_metrics, "prometheus_client is not there for this python")
    def test_open_metrics(self):
        headers, body = self.get(Accept="application/openmetrics-text;version=1.0.0")
        self.assertEqual(headers["Content-Type"], OPEN_METRICS)
        text = body.decode()
        self.assertTrue(text.endswith("\n# EOF\n"))
        families = {family.name: family for family in parse_open_metrics(text)}
        self.assertEqual(families["starrocks_replication_stage"].type, "gauge")
        self.assertEqual(families["starrocks_replication_stage_transitions"].type, "counter")
        self.assertEqual(families["replmond_api_request_duration_seconds"].type, "histogram")
        self.check_no_duplicates(text)

    def test_samples_are_the_same_in_both(self):
        # Times and counts move between two scrapes; names, labels and everything of the tasks' identity do not.
        def series(text):
            return [line.rsplit(" ", 1)[0] for line in text.splitlines() if line.startswith("starrocks_replication_stage_t")]

        text = series(self.get()[1].decode())
        open_metrics = series(self.get(Accept="application/openmetrics-text")[1].decode())
        self.assertEqual(text, open_metrics)
        self.assertEqual(len(text), 90)

    def test_gzip(self):
        headers, body = self.get(Accept_Encoding="gzip")
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertEqual(int(headers["Content-Length"]), len(body))
        self.assertIn("starrocks_replication_info", gzip.decompress(body).decode())
        self.assertLess(len(body), len(gzip.decompress(body)) / 4)
        self.assertIsNone(self.get(Accept_Encoding="gzip;q=0")[0]["Content-Encoding"])
        curl = subprocess.run(["curl", "-fsS", "--compressed", self.daemon.url + "/metrics"], capture_output=True, text=True)
        self.assertEqual(curl.returncode, 0)
        self.check_no_duplicates(curl.stdout)

    def test_head_says_what_get_would(self):
        _, headers, text = http(self.daemon.url + "/metrics", method="HEAD", headers={"Accept-Encoding": "gzip"})
        self.assertEqual((headers["Content-Encoding"], text), ("gzip", ""))
        self.assertGreater(int(headers["Content-Length"]), 500)

    def test_docs_name_every_family(self):
        page = (ROOT / "docs/metrics.md").read_text()
        documented = {m[1]: (m[2], m[3]) for m in re.finditer(r"\| `(\w+)` \| (\w+) \| ([^|]*) \|", page)}
        self.get()  # counted, so that the next scrape shows it
        text = self.get()[1].decode()
        exported = dict(re.findall(r"# TYPE (\w+) (\w+)", text))
        self.assertEqual(exported, {name: documented.get(name, ("not in docs/metrics.md",))[0] for name in exported})
        without_series = {"replmond_credential_expiry_timestamp_seconds",  # this token does not expire
                          "replmond_web_info"}  # no --web.external-url
        self.assertEqual(set(documented) - set(exported), without_series, "documented, but not exported by a busy daemon")
        for name, (_, labels) in documented.items():
            known = {label.strip() for label in labels.split(",")} | {"le", "team", ""}
            for line in re.findall(rf"(?m)^{name}(?:_bucket|_sum|_count)?\{{(.*)\}} ", text):
                self.assertLessEqual(set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', line)), known, name)


class Configuration(EndToEnd):
    def test_is_shown_without_secrets(self):
        config = f"""
projects:
  - name: p
    region: r
    project_id: {PROJECT_ID}
    endpoint: http://127.0.0.1:1
    auth: {{type: aksk, access_key: PUBLICISH, secret_key: hidden-secret-key, security_token: hidden-token}}
instances: [{{id: {ORDERS}, interval: 1h}}]
"""
        daemon = self.start_daemon(config)
        status, _, text = http(daemon.url + "/config")
        self.assertEqual(status, 200)
        self.assertIn("secret_key: <secret>", text)
        everything = text + daemon.output() + daemon.errors() + self.metrics(daemon) + http(daemon.url + "/")[2]
        self.assertNotIn("hidden-", everything)
        self.assertNotIn("PUBLICISH", everything)
        daemon.wait_for_line("event=poll_failed .*result=network")


class LogLines(unittest.TestCase):
    """What tests/e2e/support.py asks of every line is not asked in vain."""

    GOOD = 'time=2026-11-22T01:24:35.120Z level=INFO msg="a \\"b\\" event=x" event=stage_transition project=p from=full to=incremental after=1 event_id=7'

    def test_lines_are_those_of_the_documentation(self):
        for line, wrong in ((self.GOOD, None), (self.GOOD.replace("after=1 ", ""), "(after)"), (self.GOOD + " odd=1", "(odd)"),
                            (self.GOOD.replace("level=INFO", "level=WARN"), "()"), (self.GOOD.replace("=stage_transition", "=stage"), "no such event"),
                            (self.GOOD + ' x"', "no such event"), ("<6>" + self.GOOD + " odd=1", "(odd)"), ("replmond: no line of the log", None),
                            ('{"level":"INFO","event":"started","version":"1","addresses":"a"}', "(instances)"), ('{"a": 1}', None),
                            ('time=2026-11-22T01:24:35.120Z level=WARN msg="m" event=config_warning event_id=1', "(event_id)")):
            with self.subTest(line):
                found = list(documented_events.wrong_lines(line + "\n"))
                self.assertEqual(len(found), 0 if wrong is None else 1)
                if wrong:
                    self.assertIn(wrong, found[0])

    def test_half_a_line_is_left_alone(self):
        self.assertEqual(list(documented_events.wrong_lines(self.GOOD + " odd=1")), [])

