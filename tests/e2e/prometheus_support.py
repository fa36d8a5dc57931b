"""A real Prometheus over real daemons: started, waited for, asked."""

import http.server
import json
import shutil
import socket
import threading
import unittest
import urllib.parse

from support import EndToEnd, http as ask, wait_for

needs_prometheus = unittest.skipUnless(shutil.which("prometheus"), "the package prometheus is not installed")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class WithPrometheus(EndToEnd):
    def serve(self, handler, **attributes):
        """A server of this process; `attributes` are what its handler finds in `self.server`."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *_: None  # whoever asks while a daemon restarts gets no answer
        for name, value in attributes.items():
            setattr(server, name, value)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.url = f"http://127.0.0.1:{server.server_port}"
        return server

    def start_server(self, name, *arguments):
        """Prometheus or Alertmanager, once it is ready; its URL."""
        address = f"127.0.0.1:{free_port()}"
        self.start(name, *arguments, f"--web.listen-address={address}")

        def ready():
            try:
                return ask(f"http://{address}/-/ready")[0] == 200
            except OSError:
                return False

        wait_for(ready, name)
        return f"http://{address}"

    def run_prometheus(self, config):
        config = self.write("prometheus.yml", config)
        self.prometheus = self.start_server("prometheus", "prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder}/tsdb")

    def start_prometheus(self, *scraped):
        """Without rules."""
        self.run_prometheus(f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: replmond
    static_configs: [{{targets: [{targets(scraped)}]}}]
""")

    def ask_for(self, path, **parameters):
        """What Prometheus' API has under `data`."""
        status, _, text = ask(f"{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        self.assertEqual(status, 200, f"{parameters}: {text}")
        return json.loads(text)["data"]

    def query(self, expression):
        return self.ask_for("query", query=expression)["result"]

    def values(self, expression):
        return [found["value"][1] for found in self.query(expression)]

    def rows(self, expression):
        """{labels as a sorted tuple of values: value}"""
        return {tuple(v for _, v in sorted(r["metric"].items())): float(r["value"][1]) for r in self.query(expression)}

    def targets(self):
        return self.ask_for("targets")["activeTargets"]


def targets(scraped):
    return ", ".join(repr(one.url.removeprefix("http://")) for one in scraped)
