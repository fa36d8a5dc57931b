"""Clients that mean no good, or cannot do better, against the real binary: scrapes and polls go on."""

import re
import resource
import shutil
import socket
import subprocess
import unittest

from support import DAEMON, EndToEnd, PROJECT_ID, config_for, http, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"

MANY = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks: [{{name: orders_main, source_database: orders, target_database: sr, timeline: [{{stage: incremental}}]}}]
generate: {{instances: 4, tasks: 1000, timeline: [{{stage: incremental}}]}}
"""

REQUEST = b"GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def address_of(daemon):
    host, port = daemon.url.removeprefix("http://").rsplit(":", 1)
    return host, int(port)


class WebHostile(EndToEnd):
    def start_all(self, *flags, wide=False, under=()):
        """`wide`: with a /metrics of several megabytes. `under`: what the daemon is started by."""
        simulator = self.start_simulator(MANY)
        instances = [("orders", ORDERS, "")]
        if wide:
            instances += [(f"wide{n}", f"{n:032x}in17", ", interval: 1h") for n in range(1, 5)]
        path = self.write("replmond.yaml", config_for(simulator, instances))
        self.daemon = self.start("daemon", *under, DAEMON, f"--config.file={path}", "--web.listen-address=127.0.0.1:0",
                                 *flags)
        self.known_url(self.daemon)
        for name, _, _ in instances:
            self.wait_for_polls(self.daemon, name, 1)

    def connect(self, receive_buffer=None):
        client = socket.socket()
        self.addCleanup(client.close)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(address_of(self.daemon))
        return client

    def check_goes_on(self):
        """Scrapes are answered, and the next polls succeed."""
        self.wait_for_polls(self.daemon, "orders", self.polls(self.daemon, "orders") + 2)
        self.assertEqual(self.samples(self.daemon, r'replmond_polls_total\{.*result="network"').popitem()[1], "0")

    def resident(self):
        return int(self.sample(self.daemon, "process_resident_memory_bytes"))

    def pid(self):
        return self.daemon.process.pid

    def test_silent_clients_in_numbers(self):
        self.start_all()
        crowd = [self.connect() for _ in range(600)]
        self.check_goes_on()
        for number, client in enumerate(crowd[:100]):
            self.assertEqual(client.recv(1), b"", f"client {number} is closed, being one of the oldest")
        crowd[-1].sendall(REQUEST)
        self.assertTrue(crowd[-1].recv(15).startswith(b"HTTP/1.1 200 OK"), "the newest is read")

    def test_slow_readers_hold_no_copy_each(self):
        self.start_all(wide=True)
        size = len(self.metrics(self.daemon))
        self.assertGreater(size, 4_000_000)
        before = self.resident()
        slow = [self.connect(receive_buffer=4096) for _ in range(100)]
        for client in slow:
            client.sendall(REQUEST)
        wait_for(lambda: all(self.begun(client) for client in slow), "100 answers to begin")
        self.check_goes_on()
        self.assertLess(self.resident() - before, 100 * size / 3, "texts are shared, or the oldest cut")

    @staticmethod
    def begun(client):
        client.setblocking(False)
        try:
            return client.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return False

    def test_few_descriptors(self):
        self.start_all(under=("prlimit", "--nofile=64:64"))
        crowd = [self.connect() for _ in range(200)]
        self.check_goes_on()
        crowd[-1].sendall(REQUEST)
        self.assertTrue(crowd[-1].recv(15).startswith(b"HTTP/1.1 200 OK"))

    # What was promised at start is taken away: accept() and the polls' connect() meet EMFILE.
    def test_descriptors_run_out(self):
        self.start_all()
        crowd = [self.connect() for _ in range(150)]
        wait_for(lambda: int(self.sample(self.daemon, "process_open_fds")) > 150, "the daemon to accept them")
        resource.prlimit(self.pid(), resource.RLIMIT_NOFILE, (100, 100))
        crowd += [self.connect() for _ in range(20)]
        wait_for(lambda: int(self.sample(self.daemon, "process_open_fds")) < 100, "the oldest to be closed")
        polls = self.polls(self.daemon, "orders")
        self.wait_for_polls(self.daemon, "orders", polls + 2)
        self.assertIsNone(self.daemon.process.poll())

    def test_reload_is_asked_for_without_a_body(self):
        self.start_all("--web.enable-lifecycle")
        url = self.daemon.url + "/-/reload"
        curl = ["curl", "-s", "-w", " %{http_code}", "-X", "POST", url]
        self.assertEqual(subprocess.check_output(curl, text=True), "the configuration is reloaded\n 200")
        self.assertEqual(http(url, method="POST")[0], 200)
        refused = subprocess.check_output(curl + ["-d", "x=y"], text=True)
        self.assertEqual(refused, "request bodies are not accepted\n 413")
        self.assertEqual(self.samples(self.daemon, 'requests_total.*"refused"'),
                         {'replmond_http_requests_total{code="413",handler="refused"}': "1"})

    def test_several_addresses(self):
        self.start_all("--web.listen-address=127.0.0.1:0", "--web.listen-address=[::1]:0")
        found = re.search(r'addresses="?([^ "]+)', self.daemon.lines("event=started")[0]).group(1).split(",")
        self.assertEqual(len(found), 3)
        self.assertEqual(len(set(found)), 3)
        for address in found:
            self.assertNotIn(":0", address[-2:])
            self.assertEqual(http(f"http://{address}/-/healthy")[0], 200)
        self.assertRegex(found[2], r"^\[::1\]:\d+$")

    @unittest.skipUnless(shutil.which("slowhttptest"), "the package slowhttptest is not installed")
    def test_slowhttptest(self):
        self.start_all(wide=True)
        for mode in (["-H", "-i", "1"], ["-X", "-w", "1", "-y", "64", "-n", "1", "-z", "8"]):
            attack = self.start("slowhttptest", "slowhttptest", *mode, "-c", "400", "-r", "200", "-l", "6", "-p", "3",
                                "-u", self.daemon.url + "/metrics")
            wait_for(lambda: int(self.sample(self.daemon, "process_open_fds")) > 150, "the attack to begin")
            self.check_goes_on()
            attack.process.wait(timeout=60)
            self.assertRegex(attack.output(), r"service available:[^A-Z]*YES")
            self.assertNotRegex(attack.output(), r"service available:[^A-Z]*NO")
        self.check_goes_on()

    @unittest.skipUnless(shutil.which("wrk"), "the package wrk is not installed")
    def test_wrk(self):
        self.start_all()
        told = subprocess.check_output(["wrk", "-t1", "-c64", "-d2s", self.daemon.url + "/metrics"], text=True)
        self.assertNotRegex(told, "Socket errors|Non-2xx")
        self.assertRegex(told, r"[1-9]\d* requests in")
        self.check_goes_on()


if __name__ == "__main__":
    unittest.main()
