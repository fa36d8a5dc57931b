"""Which expressions miss the first event of a counter that begins with it."""
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import board_files
import counters

ALL = 'replmond_http_requests_total{job=~"$job"}'


class Later(unittest.TestCase):
    def test_is_what_the_reference_says(self):
        self.assertEqual(counters.later(), {
            "replmond_api_request_duration_seconds": {"operation": {"list"}},
            "replmond_api_requests_total": {"operation": {"list"}, "code": {"200", "401", "403", "429", "500", "503", "error"}},
            "replmond_http_requests_total": {},
        })


class FirstEvents(unittest.TestCase):
    def test_that_are_missed(self):
        for expr, series in (
                ('increase(replmond_api_requests_total{code="429"}[15m])', 'replmond_api_requests_total{code="429"}'),
                ('sum(rate(replmond_api_requests_total[5m]))', "replmond_api_requests_total"),
                ('rate(replmond_api_requests_total{operation="list",code="404"}[5m])', 'replmond_api_requests_total{operation="list",code="404"}'),
                ('rate(replmond_api_requests_total{operation="list",code=~"429|503"}[5m])',
                 'replmond_api_requests_total{operation="list",code=~"429|503"}'),
                ("rate(replmond_api_request_duration_seconds_bucket[5m])", "replmond_api_request_duration_seconds_bucket"),
                (f"rate({ALL}[5m])", ALL),
                (f"({ALL} unless {ALL} offset 5m) or increase({ALL}[15m])", ALL),
                (f"({ALL} unless replmond_http_requests_total offset 5m) or increase({ALL}[5m])", ALL),
                (f"increase({ALL}[5m]) + sum({ALL})", ALL)):
            with self.subTest(expr=expr):
                self.assertIn(f"misses the first event of {series}, which begins with it", list(counters.mistakes(expr)))

    def test_that_are_seen(self):
        for expr in (
                'increase(replmond_api_requests_total{operation="list",code="429"}[15m])',
                'rate(replmond_api_request_duration_seconds_sum{project="a",operation="list"}[5m])',
                "increase(replmond_polls_total[5m])",
                f"({ALL} unless {ALL} offset 5m) or increase({ALL}[5m])",
                f"({ALL}\n unless\n {ALL} offset $__rate_interval and up == 1) or rate({ALL}[$__rate_interval])",
                f"(max_over_time({ALL}[15m]) unless max_over_time({ALL}[5m] offset 15m)) or increase({ALL}[15m])"):
            with self.subTest(expr=expr):
                self.assertEqual(list(counters.mistakes(expr)), [])

    def test_what_finds_new_series_is_cut_out(self):
        self.assertEqual(counters.without_births(f"({ALL} unless {ALL} offset 5m and up) or rate({ALL}[5m])"), f"(1 and up) or rate({ALL}[5m])")


TARGET = '{job="replmond",instance="a:10930"}'
REQUESTS = 'replmond_api_requests_total{job="replmond",instance="a:10930",project="prod",operation="token",code="429"}'
BUCKET = 'replmond_api_request_duration_seconds_bucket{job="replmond",instance="a:10930",project="prod",operation="token",le="%s"}'


class OfBoards(unittest.TestCase):
    """The first event is drawn, for as long as a rate would show it; what is only seen again is not."""

    def values(self, title, series, minute):
        """What a query of the daemon's board gives at that minute, {legend: value}; scraped every minute."""
        found = dict(board_files.expressions(board_files.boards()["replmond-daemon"]))[title]
        query = board_files.filled(found, {**board_files.ANY, "__rate_interval": "4m"})
        tests = {"tests": [{"interval": "1m", "input_series": [{"series": name, "values": values} for name, values in series.items()],
                            "promql_expr_test": [{"expr": query, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{not=\"it\"}", "value": -1}]}]}]}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "test.yaml"
            path.write_text(yaml.safe_dump(tests))
            done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
        got = counters.re.search(r"got:(.*)", done.stdout + done.stderr)
        self.assertIsNotNone(got, done.stdout + done.stderr)
        pairs = counters.re.findall(r'(\{[^}]*\}) ([-+.\dEe]+)', got[1])
        return {labels: float(value) for labels, value in pairs}

    def test_the_first_429_of_tokens(self):
        series = {f"up{TARGET}": "1x60", REQUESTS: "_x11 5x60"}
        drawn = {'{code="429", operation="token"}': 5 / 4}
        title = "Requests a minute: A"
        for minute, wanted in ((10, {}), (11, drawn), (14, drawn), (15, {}), (40, {})):
            with self.subTest(minute=minute):
                self.assertEqual(self.values(title, series, minute), wanted)

    def test_what_began_long_ago(self):
        title = "Requests a minute: A"
        away = {f"up{TARGET}": "1x10 _x30 1x60", REQUESTS: "5000x10 _x30 5000x60"}
        missed = {f"up{TARGET}": "1x20 0 1x60", REQUESTS: "5000x20 stale 5000x60"}
        for series, minutes in ((away, (41, 43, 44, 46)), (missed, (22, 24, 25, 26))):
            for minute in minutes:
                with self.subTest(series=series, minute=minute):
                    self.assertEqual(self.values(title, series, minute), {})

    def test_the_latency_of_the_first_request(self):
        series = {f"up{TARGET}": "1x60", BUCKET % "0.5": "_x11 0x60", BUCKET % "1": "_x11 1x60", BUCKET % "+Inf": "_x11 1x60"}
        self.assertEqual(self.values("Latency of requests: A", series, 12), {'{operation="token"}': 0.75})


if __name__ == "__main__":
    unittest.main()
