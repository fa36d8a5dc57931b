"""The shipped rules and routes, with a real Prometheus and Alertmanager, and minutes that are short."""

import http.server
import json
import re
import shutil
import unittest

from prometheus_support import WithPrometheus, targets
from support import ROOT, http as ask, wait_for

MINUTE = 500  # milliseconds that a minute of the rules takes here
UNITS = {"m": 1, "h": 60, "d": 1440}

needs_alertmanager = unittest.skipUnless(shutil.which("prometheus") and shutil.which("prometheus-alertmanager"),
                                         "the packages prometheus and prometheus-alertmanager are not installed")


def shortened(rules):
    """The same rules, with every duration and every threshold in seconds so much shorter."""
    def duration(match):
        return f"{match[1]}{int(match[2]) * UNITS[match[3]] * MINUTE}ms"

    def threshold(match):
        return f"{match[1]}{int(match[2]) * MINUTE / 60000}"

    rules = re.sub(r"(\[|:|for: |offset )(\d+)([mhd])\b", duration, rules)
    # What is compared, a least age, and so long ago. No other number of two digits and more is in an expression.
    return re.sub(r"([<>]=? |, |time\(\) - )(\d{2,})\b", threshold, rules)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Alertmanager's webhook."""

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in sent["alerts"]:
            self.server.received.append((self.path, alert["status"], alert["labels"], alert["annotations"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class WithAlerts(WithPrometheus):
    def start_alertmanager(self):
        self.receiver = self.serve(Receiver, received=[])
        text = (ROOT / "config/alertmanager.yml").read_text().replace("http://localhost:9095", self.receiver.url)
        text = re.sub(r"group_wait: \w+", "group_wait: 0s", text)
        config = self.write("alertmanager.yml", re.sub(r"group_interval: \w+", "group_interval: 500ms", text))
        self.alertmanager = self.start_server("alertmanager", "prometheus-alertmanager", f"--config.file={config}",
                                              f"--storage.path={self.folder}/alerts", "--cluster.listen-address=")

    def start_prometheus_with_rules(self, *scraped):
        for name in ("alerts.yaml", "rules.yaml"):
            self.write(name, shortened((ROOT / "dashboards" / name).read_text()))
        text = (ROOT / "config/prometheus.yml").read_text().replace("../dashboards/", "").replace("'localhost:10930'", targets(scraped))
        self.run_prometheus(re.sub(r"_interval: \w+", "_interval: 500ms", text).replace("localhost:9093", self.alertmanager.removeprefix("http://")))
        wait_for(lambda: self.values("up") == ["1"] * len(scraped), "every scrape")

    def told(self, alert, status="firing", **labels):
        """What receivers were told of an alert: (path, labels, annotations)."""
        return [(path, had, notes) for path, was, had, notes in list(self.receiver.received)
                if (was, had["alertname"]) == (status, alert) and labels.items() <= had.items()]

    def wait_until_told(self, alert, status="firing", **labels):
        return wait_for(lambda: self.told(alert, status, **labels),
                        lambda: f"{alert} {status} at {[a[:2] + (a[2]['alertname'],) for a in self.receiver.received]}", patience=60)

    def muted(self, alert):
        found = json.loads(ask(f"{self.alertmanager}/api/v2/alerts")[2])
        return [a["status"]["state"] for a in found if a["labels"]["alertname"] == alert] == ["suppressed"]
