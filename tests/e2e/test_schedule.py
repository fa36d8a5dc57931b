"""When polls and requests go out: ticks, retries, the rate limit, slowing, and who waits for whom.

The simulator's clock runs with the real one here: its log says when requests came."""

import fcntl
import os
import re
import signal
import subprocess
import time

from support import DAEMON, EndToEnd, PROJECT_ID, ROOMY, config_for, http, many, wait_for

SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
generate: {{instances: 60, tasks: TASKS, repeat: false, timeline: [{{stage: incremental}}]}}
"""
MINUTE = 60  # seconds of patience where several intervals have to pass


class Schedule(EndToEnd):
    def start_cloud(self, more="", tasks=1):
        self.simulator = self.start_simulator(SCENARIO.replace("TASKS", str(tasks)) + more, speed=1)

    def start_polling(self, count=1, **how):
        """Of the first instances of the cloud, named i0, i1, …"""
        names = [(f"i{n}", identifier, "") for n, identifier in enumerate(many(count))]
        self.daemon = self.start_daemon(config_for(self.simulator, names, **how))

    def fault(self, **rule):
        self.control(self.simulator, "faults", {"instance": "*", **rule})

    def no_faults(self):
        self.control(self.simulator, "faults", None, method="DELETE")

    def times(self, identifier):
        return [r["now"] for r in self.requests(self.simulator, "list") if r["instance"] == identifier]

    def of(self, family, instance="i0"):
        return self.sample(self.daemon, f'{family}{{project="demo",starrocks_instance="{instance}"}}')

    def interval(self, instance="i0"):
        return float(self.of("replmond_poll_interval_seconds", instance))

    def codes(self):
        found = self.samples(self.daemon, r'^replmond_api_requests_total\{.*operation="list"')
        return {re.search('code="(.*?)"', series).group(1): int(value) for series, value in found.items() if value != "0"}


class Throttled(Schedule):
    def test_retry_after_beyond_the_next_tick_pauses_that_instance_alone(self):
        first, second = many(2)
        self.start_cloud()
        self.start_polling(2)
        self.wait_for_polls(self.daemon, "i0", 1)
        self.wait_for_polls(self.daemon, "i1", 1)
        self.control(self.simulator, "faults", {"instance": first, "status": 429, "retry_after": "4", "count": 1})
        self.wait_for_polls(self.daemon, "i0", 1, result="throttled")
        before = self.polls(self.daemon, "i0")
        self.wait_for_polls(self.daemon, "i0", before + 1)
        asked = [r for r in self.requests(self.simulator, "list") if r["instance"] == first]
        refused = next(n for n, r in enumerate(asked) if r["status"] == 429)
        self.assertGreaterEqual(asked[refused + 1]["now"] - asked[refused]["now"], 3.95)
        others = [t for t in self.times(second) if asked[refused]["now"] < t < asked[refused + 1]["now"]]
        self.assertGreaterEqual(len(others), 3)
        self.assertRegex(self.daemon.wait_for_line("event=poll_failed"), r"starrocks_instance=i0 result=throttled "
                         r"http_status=429 error_code=APIGW\.0308 .*attempts=1 ")
        self.assertRegex(self.daemon.wait_for_line("event=poll_recovered"), "starrocks_instance=i0 .*failures=1 ")

    def test_retry_after_before_the_next_tick_is_waited_for_within_the_poll(self):
        self.start_cloud()
        self.fault(status=429, retry_after="2", count=1)
        self.start_polling(interval="1m")
        self.wait_for_polls(self.daemon, "i0", 1)
        refused, answered = self.times(many(1)[0])
        self.assertGreaterEqual(answered - refused, 1.95)
        self.assertEqual(self.codes(), {"429": 1, "200": 1})
        self.assertEqual(self.polls(self.daemon, "i0", "throttled"), 0)

    def test_without_retry_after_the_poll_ends(self):
        self.start_cloud()
        self.fault(status=429, count=1)
        self.start_polling()
        self.wait_for_polls(self.daemon, "i0", 2)
        self.assertEqual(self.polls(self.daemon, "i0", "throttled"), 1)
        self.assertEqual(self.codes()["429"], 1)
        self.assertRegex(self.daemon.wait_for_line("event=poll_failed"), "result=throttled .*attempts=1 ")

    def test_the_rate_halves(self):
        self.start_cloud()
        self.start_polling(4, project="rate_limit: 40/10s")
        # 4 instances a second are 40 requests in 10 s, where 80 % of 40 are 32.
        line = self.daemon.wait_for_line("event=intervals_stretched")
        self.assertRegex(line, r"level=WARN .*project=demo planned=40 limit=40 window=10 instances=4 stretch=1\.25")
        for n in range(4):
            self.wait_for_polls(self.daemon, f"i{n}", 1)
        self.assertEqual(self.interval(), 1.25)
        self.fault(status=429, count=1)
        line = self.daemon.wait_for_line("event=intervals_stretched .*limit=20 ")
        self.assertRegex(line, r"planned=40 limit=20 window=10 instances=4 stretch=2\.5")
        self.assertEqual({self.interval(f"i{n}") for n in range(4)}, {2.5})
        self.wait_for_polls(self.daemon, "i0", self.polls(self.daemon, "i0") + 1)


class Budget(Schedule):
    def test_the_cloud_never_sees_more_than_the_rate_limit(self):
        self.start_cloud(more="rate: {requests: 20, window: 10s}\n")
        self.start_polling(30, project="rate_limit: 20/10s")
        line = self.daemon.wait_for_line("event=intervals_stretched")
        self.assertRegex(line, r'level=WARN msg="[^"]*30 instances need 300 requests in 10s, and 16 are available for them \(80 % of 20\); '
                               r'replmond makes their intervals 18\.75 times as long" .*stretch=18\.75')
        self.assertEqual(self.sample(self.daemon, 'replmond_rate_limit_stretch_ratio{project="demo"}'), "18.75")
        self.assertEqual(self.interval(), 18.75)
        most = []

        def enough():
            most.append(int(self.sample(self.daemon, 'replmond_rate_limit_requests{project="demo"}')))
            return len(self.requests(self.simulator)) >= 60

        wait_for(enough, "three windows", patience=2 * MINUTE)
        [caller] = self.state(self.simulator)["rate"]["callers"]
        self.assertEqual(caller["refused"], 0)
        self.assertLessEqual(caller["most_in_a_window"], 20)
        self.assertLessEqual(max(most), 20)
        self.assertGreater(max(most), 10)
        self.assertGreater(float(self.sample(self.daemon, 'replmond_rate_limit_wait_seconds_total{project="demo"}')), 0)
        # Who waited for budget did not fail.
        self.assertEqual(self.daemon.lines("event=poll_failed"), [])
        for n in range(30):
            self.assertGreaterEqual(self.polls(self.daemon, f"i{n}"), 1)

    def test_reloading_does_not_forget_what_was_sent(self):
        self.start_cloud(more="rate: {requests: 20, window: 10s}\n")
        self.start_polling(10, project="rate_limit: 20/10s")
        names = [(f"i{n}", identifier, "") for n, identifier in enumerate(many(40))]
        for n in range(10):
            self.wait_for_polls(self.daemon, f"i{n}", 1)
        # More instances and a new connection, in the middle of a window.
        self.reload(self.daemon, config_for(self.simulator, names, project="rate_limit: 20/10s", timeout="3s"))
        wait_for(lambda: len(self.requests(self.simulator)) >= 45, "two windows more", patience=2 * MINUTE)
        [caller] = self.state(self.simulator)["rate"]["callers"]
        self.assertEqual((caller["refused"], self.daemon.lines("event=poll_failed")), (0, []))
        self.assertLessEqual(caller["most_in_a_window"], 20)


class Failing(Schedule):
    def test_a_503_is_tried_again_within_the_poll(self):
        self.start_cloud()
        self.fault(status=503, count=1)
        self.start_polling(interval="1m")
        self.wait_for_polls(self.daemon, "i0", 1)
        self.assertEqual(self.codes(), {"503": 1, "200": 1})
        self.assertEqual(self.polls(self.daemon, "i0", "http"), 0)
        self.assertEqual(self.daemon.lines("event=poll_failed"), [])

    def test_a_403_is_not(self):
        self.start_cloud()
        self.fault(status=403)
        self.start_polling(interval="1m")
        self.wait_for_polls(self.daemon, "i0", 1, result="http")
        self.assertEqual(self.codes(), {"403": 1})

    def test_three_attempts_then_one_a_tick(self):
        self.start_cloud()
        self.fault(reset_at="answer")
        self.start_polling(interval="4s")
        self.assertRegex(self.daemon.wait_for_line("event=poll_failed"), r"result=network .*attempts=[23] ")
        attempts = self.codes()["error"]
        self.wait_for_polls(self.daemon, "i0", 3, result="network")
        self.assertEqual(self.codes()["error"], attempts + 2)

    def test_slowed_down_eight_times_and_back(self):
        self.start_cloud()
        self.start_polling()
        self.wait_for_polls(self.daemon, "i0", 1)
        self.fault(status=403)
        self.wait_for_polls(self.daemon, "i0", 4, result="http")
        seen = {}

        def slowest():
            # Both of one scrape: a poll may end between two.
            now = self.samples(self.daemon, '^replmond_polls_total.*result="http"|^replmond_poll_interval_seconds')
            failures, = (int(value) for series, value in now.items() if "polls_total" in series)
            interval, = (float(value) for series, value in now.items() if "interval" in series)
            seen.setdefault(failures, interval)
            return interval == 8

        wait_for(slowest, "an interval of 8 s", patience=MINUTE)
        expected = {4: 1, 5: 2, 6: 4, 7: 8}
        self.assertEqual({failures: interval for failures, interval in seen.items() if expected.get(failures, 8) != interval}, {})
        self.assertEqual(len(self.daemon.lines("event=poll_failed")), 1)
        self.no_faults()
        self.assertRegex(self.daemon.wait_for_line("event=poll_recovered"), "failures=[789] ")
        self.wait_for_sample(self.daemon, 'replmond_poll_interval_seconds{project="demo",starrocks_instance="i0"}', "1")
        self.wait_for_polls(self.daemon, "i0", self.polls(self.daemon, "i0") + 2)

    def test_tasks_go_stale_between_polls(self):
        self.start_cloud()
        self.daemon = self.start_daemon(config_for(self.simulator, [("i0", many(1)[0], "")]).replace(
            "timeout: 2s", "timeout: 2s, stale_after: 3s"))
        self.wait_for_polls(self.daemon, "i0", 1)
        stages = r"^starrocks_replication_stage\{"
        self.assertNotEqual(self.samples(self.daemon, stages), {})
        self.fault(status=429, retry_after="120", count=1)
        self.wait_for_polls(self.daemon, "i0", 1, result="throttled")
        asked = len(self.requests(self.simulator))
        wait_for(lambda: self.samples(self.daemon, stages) == {}, "stale tasks to go")
        self.assertEqual(len(self.requests(self.simulator)), asked)
        # It does not take 120 s to see that, nor to end.
        self.assertEqual(self.daemon.stop(), 0)

    def test_skipped_ticks_are_counted_and_not_made_up_for(self):
        self.start_cloud()
        self.start_polling(timeout="30s")
        self.wait_for_polls(self.daemon, "i0", 1)
        self.assertEqual(self.of("replmond_polls_skipped_total"), "0")
        self.fault(delay_ms=4500, count=1)
        wait_for(lambda: int(self.of("replmond_polls_skipped_total")) > 0, "skipped ticks")
        self.assertIn(self.of("replmond_polls_skipped_total"), ("4", "5"))
        polls = self.polls(self.daemon, "i0")
        self.wait_for_polls(self.daemon, "i0", polls + 3)
        last = self.times(many(1)[0])[-3:]
        self.assertGreater(last[2] - last[0], 1.5, "they are an interval apart")

    def test_half_a_fleet_in_a_black_hole_does_not_delay_the_other_half(self):
        self.start_cloud()
        bad, good = many(30), many(30, first=31)
        self.start_polling(60, interval="2s", timeout="5s")
        names = [f"i{n}" for n in range(30, 60)]
        for name in names:
            self.wait_for_polls(self.daemon, name, 1)
        for identifier in bad:
            self.control(self.simulator, "faults", {"instance": identifier, "hang": True})

        def timeouts():
            found = self.samples(self.daemon, 'replmond_polls_total.*result="timeout"')
            return {re.search(r'starrocks_instance="(\w+)"', series).group(1) for series, value in found.items()
                    if int(value) > 0}

        def skipped():
            return {name: self.of("replmond_polls_skipped_total", name) for name in names}

        # Until they are known to hang they look like any other, and take all the slots for a timeout or two.
        wait_for(lambda: len(timeouts()) == 30, "each of those to hang", patience=2 * MINUTE)
        polls = {name: self.polls(self.daemon, name) for name in names}
        for name in names:
            self.wait_for_polls(self.daemon, name, polls[name] + 2)
        before, began = skipped(), {identifier: len(self.times(identifier)) for identifier in good}
        polls = {name: self.polls(self.daemon, name) for name in names}
        for name in names:
            self.wait_for_polls(self.daemon, name, polls[name] + 5)
        self.assertEqual(skipped(), before)
        for identifier in good:
            times = self.times(identifier)[began[identifier] - 1:]
            gaps = [b - a for a, b in zip(times, times[1:])]
            self.assertLess(max(gaps), 4, "no tick was left out")
        self.assertEqual(timeouts(), {f"i{n}" for n in range(30)})


class Ending(Schedule):
    def test_stops_while_all_hang_and_others_wait(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.start_cloud()
            self.fault(hang=True)
            # Slots for 4, budget for 6: the others wait for one or the other.
            self.start_polling(30, project="rate_limit: 6/1h", timeout="2m")
            wait_for(lambda: self.state(self.simulator)["load"]["requests"] >= 1, "requests that hang")
            self.assertEqual(self.daemon.stop(number), 0)
            self.assertEqual(self.daemon.errors(), "")
            self.simulator.stop()

    def test_nobody_reads_its_log(self):
        """The loop goes on, and a second signal ends it at once."""
        self.start_cloud(tasks=100)
        listed = [(f"i{n}", identifier, "") for n, identifier in enumerate(many(3))]
        config = self.write("c.yaml", config_for(self.simulator, listed))
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        process = subprocess.Popen([str(DAEMON), f"--config.file={config}", "--web.listen-address=127.0.0.1:0"],
                                   stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(writer)
        printed = b""
        while b"event=started" not in printed:
            printed += os.read(reader, 512)
        url = "http://" + re.search(rb"127\.0\.0\.1:\d+", printed).group().decode()

        def listings():
            return len(self.requests(self.simulator, "list"))

        wait_for(lambda: listings() >= 15, "polls that go on")
        self.assertEqual(http(url + "/-/healthy")[0], 200)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)

        def gone():
            if process.poll() is not None:
                return True
            try:
                http(url + "/-/healthy")
            except OSError:
                return True

        wait_for(gone, "it to stop listening")
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        self.assertIn(process.wait(timeout=10), (1, -signal.SIGTERM))  # 1: lines are left that nobody took

    def test_no_burst_after_a_sleep(self):
        """As of a laptop, or a host that is short of processors."""
        ids = many(3)
        self.start_cloud()
        self.start_polling(3)
        for n in range(3):
            self.wait_for_polls(self.daemon, f"i{n}", 2)
        self.daemon.process.send_signal(signal.SIGSTOP)
        slept = {identifier: len(self.times(identifier)) for identifier in ids}
        time.sleep(6)  # what is tested
        self.daemon.process.send_signal(signal.SIGCONT)
        for n in range(3):
            self.wait_for_polls(self.daemon, f"i{n}", self.polls(self.daemon, f"i{n}") + 3)
        for identifier in ids:
            after = self.times(identifier)[slept[identifier]:]
            at_once = [t for t in after if t - after[0] < 0.9]
            self.assertLessEqual(len(at_once), 2)
        self.assertEqual(self.daemon.lines("event=poll_failed"), [])
