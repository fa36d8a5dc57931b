"""--web.config.file: TLS, client certificates, passwords, headers, and how they change while the daemon runs."""

import base64
import collections
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import unittest
import urllib.parse
import urllib.request

from support import DAEMON, EndToEnd, PROJECT_ID, config_for, http as ask, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"

STILL = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks: [{{name: orders_main, source_database: orders, target_database: sr, timeline: [{{stage: incremental}}]}}]
"""


def hash_of(password, cost=5):
    """As the page tells users to make it."""
    text = subprocess.check_output(["htpasswd", "-nbBC", str(cost), "", password], text=True)
    return text.strip().lstrip(":")


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class WebConfig(EndToEnd):
    def setUp(self):
        super().setUp()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                     "-subj", "/CN=web test authority", "-keyout", "ca.key", "-out", "ca.pem")
        self.certify("server", "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def certify(self, name, extensions, to=None):
        """NAME.pem and NAME.key, by ca.pem."""
        to = to or name
        self.write("extensions", extensions)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                     "-keyout", f"{to}.key", "-out", f"{to}.csr")
        self.openssl("x509", "-req", "-in", f"{to}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "2", "-extfile", "extensions", "-out", f"{to}.pem")

    def start_with(self, web, *flags):
        self.web = self.write("web.yml", web)
        simulator = self.start_simulator(STILL)
        daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, "")]), f"--web.config.file={self.web}",
                                   "--web.enable-lifecycle", *flags)
        daemon.port = int(daemon.url.rsplit(":", 1)[1])
        daemon.url = ("https" if "tls_server_config" in web else "http") + f"://127.0.0.1:{daemon.port}"
        return daemon

    def trusting(self, client=None):
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if client:
            context.load_cert_chain(self.folder / f"{client}.pem", self.folder / f"{client}.key")
        return context

    def get(self, daemon, path="/-/healthy", headers=None, client=None, method="GET"):
        """(status, headers, text) over TLS."""
        connection = http.client.HTTPSConnection("127.0.0.1", daemon.port, context=self.trusting(client), timeout=30)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def serial(self, daemon):
        with socket.create_connection(("127.0.0.1", daemon.port)) as raw, \
                self.trusting().wrap_socket(raw, server_hostname="127.0.0.1") as tls:
            return tls.getpeercert()["serialNumber"]

    TLS = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n"

    def test_tls(self):
        daemon = self.start_with(self.TLS)
        self.assertEqual(self.get(daemon)[0], 200)
        curl = subprocess.check_output(["curl", "-s", "--cacert", self.folder / "ca.pem", "-w", " %{http_version}",
                                        daemon.url + "/-/healthy"], text=True)
        self.assertEqual(curl, "replmond is healthy\n 1.1")
        status, _, text = ask(f"http://127.0.0.1:{daemon.port}/-/healthy")
        self.assertEqual((status, text), (400, "this address speaks HTTPS only\n"))
        self.assertIn("starrocks_replication_status{", self.get(daemon, "/metrics")[2])

    @unittest.skipUnless(shutil.which("sslscan"), "the package sslscan is not installed")
    def test_sslscan(self):
        daemon = self.start_with(self.TLS)
        told = subprocess.check_output(["sslscan", "--no-colour", f"127.0.0.1:{daemon.port}"], text=True)
        for version, state in (("SSLv2", "disabled"), ("SSLv3", "disabled"), ("TLSv1.0", "disabled"),
                               ("TLSv1.1", "disabled"), ("TLSv1.2", "enabled"), ("TLSv1.3", "enabled")):
            self.assertRegex(told, rf"(?m)^{re.escape(version)} +{state}")
        self.assertIn("Session renegotiation not supported", told)
        suites = re.findall(r"(?m)^(?:Accepted|Preferred) +TLSv1.2 .* bits +(\S+)", told)
        self.assertTrue(suites)
        for suite in suites:
            self.assertRegex(suite, "^ECDHE-.*(GCM|CHACHA20)", "forward secrecy, authenticated encryption")

    def test_versions(self):
        daemon = self.start_with("tls_server_config: {cert_file: server.pem, key_file: server.key, min_version: TLS13}\n")
        old = self.trusting()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises(ssl.SSLError), socket.create_connection(("127.0.0.1", daemon.port)) as raw:
            old.wrap_socket(raw, server_hostname="127.0.0.1")
        self.assertEqual(self.get(daemon)[0], 200)

    def test_a_silent_handshake_keeps_nobody_out(self):
        daemon = self.start_with(self.TLS)
        silent = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(20)]
        for one in silent:
            self.addCleanup(one.close)
            one.sendall(b"\x16\x03\x01\x02\x00\x01")
        self.assertEqual(self.get(daemon)[0], 200)

    def test_client_certificates(self):
        self.certify("prometheus", "subjectAltName=DNS:prometheus.example\nextendedKeyUsage=clientAuth")
        self.certify("stranger", "subjectAltName=DNS:stranger.example\nextendedKeyUsage=clientAuth")
        daemon = self.start_with("""
tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  client_allowed_sans: [prometheus.example]
""")
        self.assertEqual(self.get(daemon, client="prometheus")[0], 200)
        for client in (None, "stranger"):
            with self.assertRaises((ssl.SSLError, ConnectionError), msg=client):
                self.get(daemon, client=client)

    def test_passwords(self):
        daemon = self.start_with(f"basic_auth_users: {{alice: {hash_of('right')}}}\n")
        for path in ("/metrics", "/", "/-/healthy", "/-/ready", "/config", "/nowhere"):
            status, headers, text = ask(daemon.url + path)
            self.assertEqual(status, 401, path)
            self.assertEqual(headers["WWW-Authenticate"], 'Basic realm="replmond", charset="UTF-8"')
            self.assertNotIn("starrocks", text)
        for headers in (basic("alice", "wrong"), basic("alice", ""), basic("bob", "right"), basic("", ""),
                        {"Authorization": "Bearer x"}, {"Authorization": "Basic !"}):
            self.assertEqual(ask(daemon.url + "/metrics", headers=headers)[0], 401, headers)
        self.assertEqual(ask(daemon.url + "/-/reload", method="POST")[0], 401)
        for _ in range(3):
            self.assertEqual(ask(daemon.url + "/metrics", headers=basic("alice", "right"))[0], 200)
        self.assertEqual(ask(daemon.url + "/-/reload", method="POST", headers=basic("alice", "right"))[0], 200)
        curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", daemon.url + "/metrics"]
        self.assertEqual(subprocess.check_output(curl + ["-u", "alice:right"], text=True), "200")
        self.assertNotIn("$2y$", daemon.output() + daemon.errors())

    def test_a_crowd_of_wrong_passwords_keeps_nobody_out(self):
        daemon = self.start_with(f"basic_auth_users: {{alice: {hash_of('right', cost=9)}}}\n")
        self.assertEqual(ask(daemon.url + "/metrics", headers=basic("alice", "right"))[0], 200)
        with concurrent.futures.ThreadPoolExecutor(40) as crowd:
            answers = [crowd.submit(ask, daemon.url + "/metrics", headers=basic("eve", f"guess{n}")) for n in range(40)]
            self.assertEqual(ask(daemon.url + "/metrics", headers=basic("alice", "right"))[0], 200)
            found = [answer.result() for answer in answers]
        self.assertEqual({status for status, _, _ in found}, {401})
        self.assertEqual(ask(daemon.url + "/metrics", headers=basic("alice", "right"))[0], 200)

    def flood(self, daemon, user, clients=24, source="127.0.0.1"):
        """Clients that guess passwords, each again as soon as it is answered, until the test ends. What they were answered."""
        statuses, stop = collections.Counter(), threading.Event()

        def guess(client):
            connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30, source_address=(source, 0))
            number = 0
            while not stop.is_set():
                number += 1
                connection.request("GET", "/metrics", headers=basic(user, f"guess {client} {number}"))
                answer = connection.getresponse()
                answer.read()
                statuses[answer.status] += 1
            connection.close()

        threads = [threading.Thread(target=guess, args=(client,)) for client in range(clients)]
        for thread in threads:
            thread.start()

        def end():
            stop.set()
            for thread in threads:
                thread.join()

        self.addCleanup(end)
        wait_for(lambda: sum(statuses.values()) >= clients, "the flood to be answered")
        return statuses

    def check_that_a_scraper_gets_in(self, user, source):
        """Though the daemon remembers nobody, since it has just begun, and whenever the file changes."""
        passwords = f"basic_auth_users:\n  alice: {hash_of('right', cost=10)}\n  bob: {hash_of('other', cost=10)}\n"
        daemon = self.start_with(passwords)
        statuses = self.flood(daemon, user, source=source)
        for turn in range(5):
            self.assertEqual(ask(daemon.url + "/metrics", headers=basic("alice", "right"))[0], 200, statuses)
            self.web.write_text(passwords + f"# touched {turn}\n")
            self.assertEqual(ask(daemon.url + "/metrics", headers=basic("alice", "right"))[0], 200, statuses)
            self.assertEqual(ask(daemon.url + "/-/reload", method="POST", headers=basic("alice", "right"))[0], 200)
        self.assertEqual(ask(daemon.url + "/metrics", headers=basic("bob", "other"))[0], 200, statuses)
        self.assertLessEqual(set(statuses), {401, 503}, "nobody has guessed right")

    def test_a_flood_in_unknown_names_keeps_no_scraper_out(self):
        self.check_that_a_scraper_gets_in("eve", "127.0.0.1")

    def test_a_flood_in_the_scrapers_name_keeps_no_scraper_out(self):
        self.check_that_a_scraper_gets_in("alice", "127.0.0.2")

    def test_a_flood_in_the_scrapers_name_from_its_own_address_keeps_no_scraper_out(self):
        self.check_that_a_scraper_gets_in("alice", "127.0.0.1")

    def test_headers(self):
        daemon = self.start_with("""
http_server_config:
  http2: true
  headers: {X-Frame-Options: deny, Strict-Transport-Security: max-age=600}
""")
        for path, status in (("/metrics", 200), ("/nowhere", 404)):
            found = ask(daemon.url + path)
            self.assertEqual(found[0], status)
            self.assertEqual(found[1].get_all("X-Frame-Options"), ["deny"])
            self.assertEqual(found[1]["Strict-Transport-Security"], "max-age=600")

    def test_a_new_certificate_is_taken_up(self):
        daemon = self.start_with(self.TLS)
        first = self.serial(daemon)
        self.certify("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth", to="next")
        os.replace(self.folder / "next.pem", self.folder / "server.pem")

        def told():
            self.assertEqual(self.serial(daemon), first, "its key is not there yet: the old pair goes on")
            return daemon.lines("event=config_reload_failed")

        line = wait_for(told, "the change to be refused")[0]
        self.assertIn("the key does not belong to the certificate", line)
        self.assertNotIn("PRIVATE", daemon.output())
        os.replace(self.folder / "next.key", self.folder / "server.key")
        wait_for(lambda: self.serial(daemon) != first, "the new certificate")
        daemon.wait_for_line("event=config_loaded .*web.yml")
        self.assertEqual(len(daemon.lines("event=config_reload_failed")), 1)
        metrics = self.get(daemon, "/metrics")[2]
        self.assertIn("\nreplmond_config_last_reload_successful 1\n", metrics)

    def test_users_change(self):
        daemon = self.start_with(f"basic_auth_users: {{alice: {hash_of('right')}}}\n")
        alice, bob = basic("alice", "right"), basic("bob", "other")
        self.assertEqual(ask(daemon.url + "/metrics", headers=alice)[0], 200)
        self.web.write_text("basic_auth_users: {alice: plain-password}\n")
        status, _, text = ask(daemon.url + "/-/reload", method="POST", headers=alice)
        self.assertEqual(status, 500)
        self.assertRegex(text, r'web\.yml:1:20: basic_auth_users: key "alice": expected a bcrypt hash')
        self.assertNotIn("plain-password", text + daemon.output())
        self.assertEqual(ask(daemon.url + "/metrics", headers=alice)[0], 200)
        self.web.write_text(f"basic_auth_users: {{bob: {hash_of('other')}}}\n")
        wait_for(lambda: ask(daemon.url + "/metrics", headers=alice)[0] == 401, "alice to be kept out")
        self.assertEqual(ask(daemon.url + "/metrics", headers=bob)[0], 200)

    def refused(self, daemon, count, ask_again):
        """The latest of so many changes that were refused, without anybody having asked for a reload."""
        def told():
            ask_again()
            return daemon.lines("event=config_reload_failed")[count - 1:]

        return wait_for(told, "the change to be refused")[0]

    def test_passwords_go_by_a_reload_only(self):
        daemon = self.start_with(f"basic_auth_users: {{alice: {hash_of('right')}}}\n")
        alice = basic("alice", "right")

        def closed():
            self.assertEqual(ask(daemon.url + "/config")[0], 401)

        def reload():
            return ask(daemon.url + "/-/reload", method="POST", headers=alice)

        self.web.write_text("")
        nothing = r"web\.yml: is empty, and would take away: passwords\. Write \{\} where that is meant, and reload"
        self.assertRegex(self.refused(daemon, 1, closed), nothing)
        self.assertRegex(reload()[2], nothing)
        closed()
        self.web.unlink()
        self.assertRegex(self.refused(daemon, 3, closed), "No such file or directory")
        self.assertEqual(reload()[0], 500)
        closed()
        self.web.write_text("basic_auth_users:\n")
        self.assertRegex(self.refused(daemon, 5, closed), "basic_auth_users: expected at least one user")
        self.web.write_text("{}\n")
        line = self.refused(daemon, 6, closed)
        self.assertRegex(line, r"web\.yml: would take away: passwords\. Where that is meant, reload \(SIGHUP, or POST /-/reload\)")
        self.assertEqual(self.sample_with(daemon, alice, "replmond_config_last_reload_successful"), "0")
        self.assertEqual(reload()[0], 200)
        self.assertEqual(ask(daemon.url + "/config")[0], 200)
        self.assertEqual(self.sample_with(daemon, {}, "replmond_config_last_reload_successful"), "1")

    def sample_with(self, daemon, headers, series):
        text = ask(daemon.url + "/metrics", headers=headers)[2]
        return re.search(rf"(?m)^{series} (.*)$", text).group(1)

    def test_tls_goes_by_a_signal_too(self):
        daemon = self.start_with(self.TLS)
        first = self.serial(daemon)
        self.web.write_text("http_server_config: {headers: {X-Frame-Options: deny}}\n")
        line = self.refused(daemon, 1, lambda: self.assertEqual(self.serial(daemon), first))
        self.assertIn("would take away: TLS.", line)
        daemon.process.send_signal(signal.SIGHUP)
        plain = f"http://127.0.0.1:{daemon.port}/-/healthy"
        wait_for(lambda: ask(plain)[0] == 200, "plain HTTP")

    # As most editors and tools do: the file is empty for a moment, then half of it is there.
    def test_a_file_that_is_rewritten_in_place_opens_nothing(self):
        text = f"http_server_config: {{}}\nbasic_auth_users:\n  alice: {hash_of('right')}\n  bob: {hash_of('other')}\n"
        daemon = self.start_with(text)
        cuts = [0, text.index("basic"), text.index("  alice"), text.index("  bob"), len(text)]
        for _ in range(20):
            with open(self.web, "w") as file:
                for begin, end in zip(cuts, cuts[1:]):
                    self.assertEqual(ask(daemon.url + "/config")[0], 401)
                    file.write(text[begin:end])
                    file.flush()
            self.assertEqual(ask(daemon.url + "/config")[0], 401)
        wait_for(lambda: ask(daemon.url + "/config", headers=basic("bob", "other"))[0] == 200, "bob to be let in")

    def test_a_bad_file_is_refused(self):
        self.write("web.yml", "basic_auth_users: {alice: hunter2}\ntls_server_config: {cert_file: nowhere.pem}\n")
        config = self.write("empty.yaml", "")
        web = str(self.folder / "web.yml")
        start = [DAEMON, f"--config.file={config}", f"--web.config.file={web}", "--web.listen-address=127.0.0.1:0"]
        refused = subprocess.run(start, capture_output=True, text=True, timeout=30)
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, rf'^replmond: {re.escape(web)}:1:20: basic_auth_users: key "alice": expected .*\n$')
        checked = subprocess.run([DAEMON, "check-config", str(config), f"--web.config.file={web}"], capture_output=True,
                                 text=True, timeout=30)
        self.assertEqual(checked.returncode, 1)
        self.assertEqual(len(checked.stderr.splitlines()), 3)
        self.assertNotIn("hunter2", refused.stderr + checked.stderr)
        self.write("web.yml", self.TLS)
        checked = subprocess.run([DAEMON, "check-config", str(config), f"--web.config.file={web}"], capture_output=True,
                                 text=True, timeout=30)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertIn(f"{web}: OK\n  TLS, no passwords\n", checked.stdout)

    @unittest.skipUnless(shutil.which("prometheus"), "the package prometheus is not installed")
    def test_prometheus_with_all_of_it(self):
        self.certify("prometheus", "subjectAltName=DNS:prometheus.example\nextendedKeyUsage=clientAuth")
        daemon = self.start_with(f"""
tls_server_config: {{cert_file: server.pem, key_file: server.key, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem}}
basic_auth_users: {{prometheus: {hash_of('scrape', cost=10)}}}
""")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        config = self.write("prometheus.yml", f"""
global: {{scrape_interval: 300ms, scrape_timeout: 300ms}}
scrape_configs:
  - job_name: replmond
    scheme: https
    tls_config: {{ca_file: ca.pem, cert_file: prometheus.pem, key_file: prometheus.key}}
    basic_auth: {{username: prometheus, password: scrape}}
    static_configs: [{{targets: ["127.0.0.1:{daemon.port}"]}}]
""")
        self.start("prometheus", "prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder}/tsdb",
                   f"--web.listen-address=127.0.0.1:{port}")

        def up():
            try:
                text = ask(f"http://127.0.0.1:{port}/api/v1/query?query=" + urllib.parse.quote("up"))[2]
                return [r["value"][1] for r in json.loads(text)["data"]["result"]] == ["1"]
            except (OSError, KeyError, ValueError):  # not there yet, or not ready
                return False

        wait_for(up, f"up == 1; the daemon printed:\n{daemon.output()}")


if __name__ == "__main__":
    unittest.main()
