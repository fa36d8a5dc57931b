"""By which names the pages may be asked for, and from which sites a reload: what browsers are made to do for strangers."""

import json
import socket
import subprocess
import unittest

from support import DAEMON, EndToEnd, PROJECT_ID, config_for, http, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"

STILL = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks: [{{name: orders_main, source_database: orders, target_database: sr, timeline: [{{stage: incremental}}]}}]
"""

PAGES = ("/", "/config", "/assets/style.css")
API = ("/api/v1/summary", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events")
OPEN = ("/metrics", "/-/healthy", "/-/ready")
STRANGERS = ("evil.example", "evil.example:10930", "127.0.0.1.evil.example", "localhost.evil.example", "0x7f.1")


class WebSites(EndToEnd):
    def start_all(self, *flags):
        simulator = self.start_simulator(STILL)
        self.daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, "")]), *flags)
        self.port = int(self.daemon.url.rsplit(":", 1)[1])
        self.wait_for_polls(self.daemon, "orders", 1)

    def ask(self, path, host=None, method="GET", headers=None):
        return http(self.daemon.url + path, method=method, headers={**({"Host": host} if host else {}), **(headers or {})})

    def status(self, path, host=None, method="GET", headers=None):
        return self.ask(path, host, method, headers)[0]

    def reloads(self):
        return len(self.daemon.lines("event=config_loaded"))

    def test_any_name_will_do_by_default(self):
        self.start_all()
        for path in PAGES + API + OPEN:
            self.assertEqual(self.status(path, "replmond.monitoring.svc:10930"), 200, path)

    def test_with_allowed_hosts_pages_and_api_answer_to_those_only(self):
        self.start_all("--web.allowed-hosts=Replmond.example.", "--web.allowed-hosts", "replmond",
                       "--web.external-url=https://status.example/replmond")
        own = socket.gethostname()
        for path in PAGES + API:
            for host in STRANGERS:
                self.assertEqual(self.status(path, host), 403, (path, host))
                self.assertEqual(self.status(path, host, method="HEAD"), 403, (path, host))
            for host in ("replmond.example", "REPLMOND:10930", "replmond.example.:80", "localhost", "LOCALHOST:1",
                         f"127.0.0.1:{self.port}", "192.0.2.7", "[::1]:10930", own, f"{own}:10930", "status.example"):
                self.assertEqual(self.status(path, host), 200, (path, host))
        for path in OPEN:
            self.assertEqual(self.status(path, "evil.example"), 200, path)
        status, headers, text = self.ask("/config", "evil.example")
        self.assertEqual((status, text), (403, "the name in Host is not one of this server: see --web.allowed-hosts\n"))
        status, headers, text = self.ask("/api/v1/tasks", "evil.example")
        self.assertEqual((status, json.loads(text)["status"]), (403, "error"))
        self.assertIn('replmond_http_requests_total{code="403",handler="/api/v1/tasks"}', self.metrics(self.daemon))
        self.assertEqual(self.raw("GET /config HTTP/1.0\r\n\r\n").split(" ")[1], "200", "no browser leaves Host out")
        self.assertEqual(self.raw("GET /config HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n").split(" ")[1], "403")

    def raw(self, request):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            client.sendall(request.encode())
            return b"".join(iter(lambda: client.recv(65536), b"")).decode()

    def test_reload_is_not_for_other_sites(self):
        self.start_all("--web.enable-lifecycle", "--web.external-url=https://status.example/replmond")
        before = self.reloads()
        refused = [{"Host": host} for host in STRANGERS] + [
            {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
            {"Origin": "http://status.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
            {"Origin": self.daemon.url, "Sec-Fetch-Site": "cross-site"}]
        for headers in refused:
            self.assertEqual(self.status("/-/reload", method="POST", headers=headers), 403, headers)
            self.assertEqual(self.status("/-/reload", method="OPTIONS", headers=headers), 403, headers)
        form = self.raw("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nConnection: close\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b")
        self.assertEqual(form.split(" ")[1], "403", "rather than 413")
        accepted = [{}, {"Host": f"localhost:{self.port}"}, {"Host": socket.gethostname()}, {"Host": "status.example"},
                    {"Origin": self.daemon.url}, {"Origin": self.daemon.url, "Sec-Fetch-Site": "same-origin"},
                    {"Sec-Fetch-Site": "none"}, {"Origin": "https://status.example"}]
        for headers in accepted:
            self.assertEqual(self.status("/-/reload", method="POST", headers=headers), 200, headers)
        curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", self.daemon.url + "/-/reload"]
        self.assertEqual(subprocess.check_output(curl, text=True), "200")
        wait_for(lambda: self.reloads() >= before + len(accepted) + 1, "every reload to be told")
        self.assertEqual(self.reloads(), before + len(accepted) + 1, "none was refused and done all the same")

    def test_options(self):
        self.start_all("--web.enable-lifecycle")
        before = self.reloads()
        for path in PAGES + API + OPEN:
            status, headers, text = self.ask(path, method="OPTIONS")
            self.assertEqual((status, headers["Allow"], headers["Content-Length"], text),
                             (204, "GET, HEAD, OPTIONS", None, ""), path)
        status, headers, _ = self.ask("/-/reload", method="OPTIONS")
        self.assertEqual((status, headers["Allow"]), (204, "POST, OPTIONS"))
        self.assertEqual(self.status("/nowhere", method="OPTIONS"), 404)
        status, headers, _ = self.ask("/config", method="PUT")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD, OPTIONS"))
        self.assertEqual(self.status("/-/reload", method="POST"), 200)
        wait_for(lambda: self.reloads() > before, "the reload to be told")
        self.assertEqual(self.reloads(), before + 1, "OPTIONS reloads nothing")

    def test_flags_that_are_none(self):
        for flag, said in (("--web.external-url=status.example", "expected a URL such as"),
                           ("--web.external-url=ftp://status.example", "expected a URL such as"),
                           ("--web.external-url=https://status.example?x", "expected a URL such as"),
                           ("--web.allowed-hosts=status.example:80", "without scheme, port or *"),
                           ("--web.allowed-hosts=*.example", "without scheme, port or *")):
            done = subprocess.run([DAEMON, flag], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 1, flag)
            self.assertIn(said, done.stderr.splitlines()[0])
            self.assertIn(flag.split("=")[0], done.stderr.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
