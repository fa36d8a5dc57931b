"""dashboards/alert-links: the links of the alerts made complete, changed, and relative again."""
import pathlib
import subprocess
import tempfile
import unittest

import yaml

from board_files import ROOT

ALERTS = ROOT / "dashboards/alerts.yaml"


class AlertLinks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "alerts.yaml"
        self.file.write_text(ALERTS.read_text())

    def run_with(self, *arguments):
        return subprocess.run([ROOT / "dashboards/alert-links", *arguments, self.file], capture_output=True, text=True)

    def links(self, name):
        rules = [rule for group in yaml.safe_load(self.file.read_text())["groups"] for rule in group["rules"] if "alert" in rule]
        return [(rule["alert"], rule["annotations"][name]) for rule in rules]

    def test_both_are_set_changed_and_taken_away(self):
        boards, runbooks = self.links("dashboard_url"), self.links("runbook_url")
        for _ in range(2):  # the second time changes nothing
            done = self.run_with("--grafana-url=https://grafana.example/sub/", "--runbook-url=https://wiki.example/x?a=1&b=2")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            self.assertEqual(self.links("dashboard_url"), [(alert, f"https://grafana.example/sub{url}") for alert, url in boards])
            self.assertEqual(self.links("runbook_url"), [(alert, url.replace("docs/operations.md", "https://wiki.example/x?a=1&b=2")) for alert, url in runbooks])
        self.run_with("--grafana-url=http://other.example")
        self.assertEqual(self.links("dashboard_url"), [(alert, f"http://other.example{url}") for alert, url in boards])
        self.run_with("--grafana-url=", "--runbook-url=")
        self.assertEqual(self.file.read_text(), ALERTS.read_text())
        self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_what_is_no_url_is_refused(self):
        for argument, said in (("--grafana-url=grafana.example", "--grafana-url: expected a URL such as https://example.com/path, got grafana.example"),
                               ("--runbook-url=https://a b", "--runbook-url: a URL has no blanks, quotes or braces: https://a b"),
                               ('--grafana-url=https://a"', '--grafana-url: a URL has no blanks, quotes or braces: https://a"'),
                               ("--grafana-url=https://{{", "--grafana-url: a URL has no blanks, quotes or braces: https://{{")):
            done = self.run_with(argument)
            self.assertEqual((done.returncode, done.stderr), (2, f"alert-links: {said}\n"))
        self.assertEqual(self.run_with().returncode, 2)
        self.assertEqual(self.file.read_text(), ALERTS.read_text())


if __name__ == "__main__":
    unittest.main()
