"""Answers that are large or dear, asked for again and again: scrapes and polls go on, and the daemon stops."""

import socket
import threading
import time
import unittest

from support import EndToEnd, PROJECT_ID, ROOMY, config_for, http, many, wait_for

INSTANCES = 50
TASKS = 200
FLEET = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
generate: {{instances: {INSTANCES}, tasks: {TASKS}, timeline: [{{stage: full, percentage: [0, 100], for: 10m}}]}}
"""
ATTACKERS = 64
SECONDS = 8
MIB = 1024 * 1024


class Crowd:
    """Connections that ask for the same again as soon as they are answered. `targets`: one after the other."""

    def __init__(self, daemon, method, targets):
        self.address = daemon.url.removeprefix("http://").rsplit(":", 1)
        self.method, self.targets = method, targets
        self.ends = threading.Event()
        self.asked = 0
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(ATTACKERS)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        while not self.ends.is_set():
            try:
                with socket.create_connection((self.address[0], int(self.address[1])), timeout=1) as client:
                    self.talk(client, number)
            except OSError:
                pass

    def talk(self, client, number):
        while not self.ends.is_set():
            target = self.targets[(number + self.asked) % len(self.targets)]
            self.asked += 1
            client.sendall(f"{self.method} {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            if not client.recv(64 * 1024):
                return
            self.ends.wait(2)  # 64 requests in 2 s: no flood
            if self.method != "HEAD":
                return  # with a part of it read

    def stop(self):
        self.ends.set()
        for thread in self.threads:
            thread.join(timeout=10)


class WebHeavy(EndToEnd):
    def start_all(self):
        simulator = self.start_simulator(FLEET)
        instances = [(f"i{n:03}", identifier, "") for n, identifier in enumerate(many(INSTANCES))]
        self.daemon = self.start_daemon(config_for(simulator, instances, project=ROOMY.replace("100000", "1000000"), interval="5s"))
        wait_for(lambda: http(self.daemon.url + "/-/ready")[0] == 200, "the first polls")

    def skipped(self):
        return sum(float(value) for value in self.samples(self.daemon, "^replmond_polls_skipped_total").values())

    def resident(self):
        return int(self.sample(self.daemon, "process_resident_memory_bytes"))

    def check_against(self, method, targets):
        self.start_all()
        skipped, before = self.skipped(), self.resident()
        crowd = Crowd(self.daemon, method, targets)
        self.addCleanup(crowd.stop)
        ends, scrapes = time.monotonic() + SECONDS, 0
        while time.monotonic() < ends:
            status, _, text = http(self.daemon.url + "/metrics")
            self.assertEqual(status, 200)
            self.assertIn("replmond_build_info", text)
            scrapes += 1
            crowd.ends.wait(0.1)
        self.assertGreater(crowd.asked, ATTACKERS)
        self.assertGreater(scrapes, 20)
        self.assertEqual(self.skipped() - skipped, 0)
        self.assertLess(self.resident() - before, 64 * MIB + 32 * MIB)
        self.assertEqual(self.daemon.stop(within=5), 0, "with the crowd still there")
        crowd.stop()

    def test_head_of_all_tasks(self):
        self.check_against("HEAD", ["/api/v1/tasks"])

    def test_all_tasks_read_slowly(self):
        self.check_against("GET", ["/api/v1/tasks"])

    def test_lists_that_nobody_else_asks_for(self):
        self.check_against("GET", [f"/api/v1/tasks?sort=task&offset={n}" for n in range(1000)])

    def test_pages_that_nobody_else_asks_for(self):
        self.check_against("GET", [f"/?limit=1000&sort=task&offset={n}" for n in range(1000)])


if __name__ == "__main__":
    unittest.main()
