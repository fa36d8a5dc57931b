"""How the daemon reaches the cloud: through a real TLS front (nginx) and a real proxy (tinyproxy)."""

import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import threading

from support import DAEMON, EndToEnd, PROJECT_ID, ROOMY, http, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - {{name: orders, id: {ORDERS}, tasks: [{{name: orders_main, timeline: [{{stage: incremental}}]}}]}}
"""

FAR = "cloud.replmond.test"  # .test is nobody's (RFC 6761): only the proxy knows a way there
NO_PROXIES = {name: "" for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")}
PROXY_PASSWORD = "e2e-proxy-pass"

SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
NGINX = shutil.which("nginx", path=SBIN) or "nginx"
TINYPROXY = shutil.which("tinyproxy", path=SBIN) or "tinyproxy"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def list_requests(simulator):
    """What of the cloud's API the simulator was asked for."""
    return re.findall(r'"operation":\s*"list"', http(simulator.url + "/_control/requests")[2])


class Tunnels(socketserver.ThreadingTCPServer):
    """Makes a tunnel for every CONNECT, always to the same port whatever name is asked for."""

    daemon_threads = True

    def __init__(self, leads_to):
        super().__init__(("127.0.0.1", 0), TunnelHandler)
        self.leads_to, self.asked = leads_to, []


class TunnelHandler(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.asked.append(self.rfile.readline().decode().split()[1])
        while self.rfile.readline().strip():
            pass
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as server:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=self.relay, args=(server, self.connection), daemon=True).start()
            self.relay(self.connection, server)

    @staticmethod
    def relay(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side has left


def config(endpoint, more=""):
    return f"""
poll: {{interval: 1s, timeout: 5s}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {endpoint}
    ca_file: ca.pem
    {ROOMY}
    {more}
    auth: {{type: token, token: e2e-secret-token}}
instances:
  - {{name: orders, id: {ORDERS}}}
"""


class Connection(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.openssl("req", "-x509", *self.fresh_key("ca"), "-days", "1", "-subj", "/CN=e2e authority", "-out", "ca.pem")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    @staticmethod
    def fresh_key(name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"

    def certify(self, names):
        """A certificate of the authority for the front, in place of the one before."""
        self.openssl("req", "-x509", *self.fresh_key("front"), "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "1", "-subj", "/CN=front",
                     "-addext", f"subjectAltName={names}", "-addext", "basicConstraints=critical,CA:FALSE", "-out", "front.pem")

    def start_front(self, names="DNS:localhost"):
        """nginx with TLS in front of the simulator."""
        self.certify(names)
        self.front = free_port()
        path = self.write("nginx.conf", f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log {self.folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {self.folder}/body;
    proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/fastcgi;
    scgi_temp_path {self.folder}/scgi;
    uwsgi_temp_path {self.folder}/uwsgi;
    server {{
        listen 127.0.0.1:{self.front} ssl;
        ssl_certificate {self.folder}/front.pem;
        ssl_certificate_key {self.folder}/front.key;
        location / {{ proxy_pass {self.simulator.url}; }}
    }}
}}
""")
        nginx = self.start("nginx", NGINX, "-e", self.folder / "nginx.log", "-c", path)
        self.addCleanup(nginx.stop)  # politely: killed, it would leave its workers behind
        wait_for(lambda: listens(self.front), "nginx")
        return nginx

    def start_tinyproxy(self, upstream=None):
        """tinyproxy for one user; names are left to `upstream`, where there is one."""
        port = free_port()
        path = self.write("tinyproxy.conf", f"""
Port {port}
Listen 127.0.0.1
Timeout 60
LogLevel Connect
BasicAuth watcher {PROXY_PASSWORD}
{f'Upstream http 127.0.0.1:{upstream} ".test"' if upstream else ""}
""")
        proxy = self.start("tinyproxy", TINYPROXY, "-d", "-c", path)
        wait_for(lambda: listens(port), "tinyproxy")
        proxy.address = f"127.0.0.1:{port}"
        proxy.url = f"http://watcher:{PROXY_PASSWORD}@{proxy.address}"
        return proxy

    def start_tunnels(self):
        """Where names of .test lead."""
        tunnels = Tunnels(self.front)
        threading.Thread(target=tunnels.serve_forever, daemon=True).start()
        self.addCleanup(tunnels.server_close)
        self.addCleanup(tunnels.shutdown)
        return tunnels

    @staticmethod
    def tunnels_through(proxy):
        return re.findall(r"CONNECT (\S+) HTTP", proxy.output() + proxy.errors())

    def check_no_password(self, daemon, password=PROXY_PASSWORD):
        everything = daemon.output() + daemon.errors() + self.metrics(daemon) + http(daemon.url + "/config")[2]
        self.assertNotIn(password, everything)
        self.assertNotIn("e2e-secret", everything)
        self.assertNotIn("Basic ", everything)


class Tls(Connection):
    def test_a_private_authority_and_a_wrong_name(self):
        nginx = self.start_front()
        daemon = self.start_daemon(config(f"https://localhost:{self.front}"), env=NO_PROXIES)
        self.wait_for_polls(daemon, "orders", 2)

        self.certify("DNS:other.example,DNS:second.example")
        nginx.process.send_signal(signal.SIGHUP)
        self.wait_for_polls(daemon, "orders", 1, result="tls")
        line = daemon.wait_for_line("event=poll_failed .*result=tls")
        self.assertIn(f"TLS handshake with localhost:{self.front} failed: its certificate is for other.example, second.example, "
                      "not for localhost; is the endpoint right?", line)

        self.certify("DNS:localhost")
        nginx.process.send_signal(signal.SIGHUP)
        daemon.wait_for_line("event=poll_recovered")

    def test_an_authority_that_nobody_named(self):
        self.start_front()
        daemon = self.start_daemon(config(f"https://localhost:{self.front}").replace("ca_file: ca.pem", ""), env=NO_PROXIES)
        line = daemon.wait_for_line("event=poll_failed .*result=tls")
        self.assertIn("name its certificate in ca_file", line)
        self.assertEqual(list_requests(self.simulator), [])


class Proxy(Connection):
    def test_proxy_url(self):
        self.start_front()
        proxy = self.start_tinyproxy()
        # It wins over the environment, and goes for loopback too.
        env = {**NO_PROXIES, "HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "*"}
        daemon = self.start_daemon(config(f"https://localhost:{self.front}", f"proxy_url: {proxy.url}"), env=env)
        self.wait_for_polls(daemon, "orders", 3)
        wait_for(lambda: self.tunnels_through(proxy), "a line of tinyproxy")
        self.assertEqual(self.tunnels_through(proxy), [f"localhost:{self.front}"], "one tunnel for all polls")
        self.assertEqual(daemon.lines("event=poll_failed"), [])
        self.check_no_password(daemon)

    def test_a_wrong_password(self):
        self.start_front()
        proxy = self.start_tinyproxy()
        wrong = f"http://watcher:e2e-wrong%40pass@{proxy.address}"
        daemon = self.start_daemon(config(f"https://localhost:{self.front}", f"proxy_url: {wrong}"), env=NO_PROXIES)
        self.wait_for_polls(daemon, "orders", 2, result="network")
        line = daemon.wait_for_line("event=poll_failed")
        self.assertRegex(line, rf"result=network .*the proxy {proxy.address} refuses the user and password in proxy_url \(40[17]\)")
        for secret in ("e2e-wrong", "wrong%40pass", "wrong@pass"):
            self.check_no_password(daemon, secret)
        self.assertEqual(list_requests(self.simulator), [])

    def test_no_password(self):
        self.start_front()
        proxy = self.start_tinyproxy()
        daemon = self.start_daemon(config(f"https://localhost:{self.front}", f"proxy_url: http://{proxy.address}"), env=NO_PROXIES)
        line = daemon.wait_for_line("event=poll_failed")
        self.assertRegex(line, r"result=network .*wants a user and a password \(407\): put them into proxy_url")

    def test_the_proxy_of_the_environment(self):
        self.start_front(names=f"DNS:{FAR}")
        tunnels = self.start_tunnels()
        proxy = self.start_tinyproxy(upstream=tunnels.server_address[1])
        for name, value in (("HTTPS_PROXY", proxy.url), ("https_proxy", proxy.url.removeprefix("http://"))):
            with self.subTest(name):
                before = len(tunnels.asked)
                env = {**NO_PROXIES, name: value, "NO_PROXY": "other.test"}
                daemon = self.start_daemon(config(f"https://{FAR}:{self.front}"), env=env)
                self.wait_for_polls(daemon, "orders", 2)
                self.assertEqual(tunnels.asked[before:], [f"{FAR}:{self.front}"])
                self.assertEqual(len(self.tunnels_through(proxy)), len(tunnels.asked), "all went through tinyproxy")
                self.check_no_password(daemon)
                daemon.stop()

    def test_no_proxy(self):
        self.start_front(names="DNS:localhost")
        tunnels = self.start_tunnels()
        proxy = self.start_tinyproxy(upstream=tunnels.server_address[1])
        for endpoint, no_proxy, result in ((f"https://{FAR}:{self.front}", "10.0.0.0/8,.replmond.test", "network"),
                                           (f"https://localhost:{self.front}", "", "success")):
            with self.subTest(endpoint):
                env = {**NO_PROXIES, "HTTPS_PROXY": proxy.url, "NO_PROXY": no_proxy}
                daemon = self.start_daemon(config(endpoint), env=env)
                self.wait_for_polls(daemon, "orders", 1, result=result)
                if result == "network":
                    self.assertIn(f"cannot resolve {FAR}", daemon.wait_for_line("event=poll_failed"))
                daemon.stop()
        self.assertEqual((self.tunnels_through(proxy), tunnels.asked), ([], []))

    def test_a_proxy_that_is_down(self):
        port = free_port()
        env = {**NO_PROXIES, "HTTPS_PROXY": f"http://u:{PROXY_PASSWORD}@127.0.0.1:{port}"}
        daemon = self.start_daemon(config(f"https://{FAR}"), env=env)
        line = daemon.wait_for_line("event=poll_failed")
        self.assertRegex(line, rf"result=network .*cannot connect to the proxy 127\.0\.0\.1:{port}: Connection refused")
        self.check_no_password(daemon)

    def test_check_config_online(self):
        self.start_front(names=f"DNS:{FAR}")
        tunnels = self.start_tunnels()
        proxy = self.start_tinyproxy(upstream=tunnels.server_address[1])
        path = self.write("check.yaml", config(f"https://{FAR}:{self.front}"))
        done = subprocess.run([str(DAEMON), "check-config", "--online", str(path)], capture_output=True, text=True, timeout=60,
                              env={**os.environ, **NO_PROXIES, "HTTPS_PROXY": proxy.url})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, "project demo: .* is accepted")
        self.assertGreater(len(tunnels.asked), 0)


class WrongEnvironment(EndToEnd):
    def test_a_proxy_that_cannot_be_used(self):
        path = self.write("replmond.yaml", config("https://gaussdb.example.com").replace("ca_file: ca.pem", ""))
        for value in (f"https://u:{PROXY_PASSWORD}@proxy.example", f"http://u:{PROXY_PASSWORD}@proxy.example/x"):
            for arguments, said in ((["run", f"--config.file={path}", "--web.listen-address=127.0.0.1:0"], rf"\Areplmond: {path}: project demo: "),
                                    (["check-config", str(path)], rf"\A{path}: project demo: "),
                                    (["check-config", "--online", str(path)], rf"\A{path}: project demo: ")):
                with self.subTest(value=value, command=arguments):
                    done = subprocess.run([str(DAEMON), *arguments], capture_output=True, text=True, timeout=60,
                                          env={**os.environ, **NO_PROXIES, "HTTPS_PROXY": value})
                    self.assertEqual(done.returncode, 1)
                    self.assertRegex(done.stderr + done.stdout, said + r"HTTPS_PROXY: .*http://.*\n\Z")
                    self.assertNotIn(PROXY_PASSWORD, done.stdout + done.stderr)
