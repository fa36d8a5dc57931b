"""The boards keep the rules, and every rule notices a board that breaks it."""
import copy
import subprocess
import sys
import unittest

import yaml

import board_files
import lint


def panel(board, title):
    return next(one for one in board["panels"] if one.get("title") == title)


def expression(board, title, change):
    target = panel(board, title)["targets"][0]
    target["expr"] = change(target["expr"])


def variable(board, name):
    return next(one for one in board["templating"]["list"] if one["name"] == name)


def second_id(board):
    board["panels"][1]["id"] = board["panels"][0]["id"]


TARGET = 'job=~"$job", instance=~"$instance"'
# rule: what breaks it, on the fleet's board.
BROKEN = {
    "uneditable-dashboard": lambda b: b.update(editable=True),
    "provisionable": lambda b: b.update(id=7),
    "refresh": lambda b: b.update(refresh="1s"),
    "template-datasource": lambda b: variable(b, "datasource").update(label="Source"),
    "template-job": lambda b: variable(b, "job").update(multi=False),
    "template-instance": lambda b: variable(b, "instance").update(allValue=".*"),
    "template-label-promql": lambda b: variable(b, "project").update(query="projects(x)"),
    "template-on-time-change-reload": lambda b: variable(b, "project").update(refresh=1),
    "template-current": lambda b: variable(b, "project").update(current={}),
    "panel-type": lambda b: panel(b, "Abnormal").update(type="gauge"),
    "panel-title-description": lambda b: panel(b, "Abnormal").update(description=""),
    "panel-units": lambda b: panel(b, "Abnormal")["fieldConfig"]["defaults"].update(unit="seconds"),
    "panel-datasource": lambda b: panel(b, "Abnormal")["datasource"].update(uid="prometheus"),
    "panel-no-targets": lambda b: panel(b, "Abnormal").update(targets=[]),
    "panel-thresholds": lambda b: panel(b, "Oldest data")["fieldConfig"]["defaults"]["thresholds"]["steps"].reverse(),
    "panel-lag": lambda b: panel(b, "Worst lag")["fieldConfig"]["defaults"].pop("noValue"),
    "panel-ids": second_id,
    "panel-titles": lambda b: panel(b, "No progress").update(title="Abnormal"),
    "panel-grid": lambda b: panel(b, "No progress")["gridPos"].update(x=2),
    "target-ref": lambda b: panel(b, "Tasks by stage")["targets"][1].update(refId="A"),
    "target-promql": lambda b: expression(b, "Abnormal", lambda e: e + ")"),
    "target-metrics": lambda b: expression(b, "Abnormal", lambda e: e.replace("_status", "_state")),
    "target-job": lambda b: expression(b, "Abnormal", lambda e: e.replace('job=~"$job", ', "")),
    "target-instance": lambda b: expression(b, "Abnormal", lambda e: e.replace('instance=~"$instance"', 'instance="$instance"', 1)),
    "target-counter-agg": lambda b: expression(b, "Abnormal", lambda e: f"deriv(replmond_polls_skipped_total{{{TARGET}}}[5m])"),
    "target-counter-birth": lambda b: expression(b, "Abnormal", lambda e: f"sum(increase(replmond_http_requests_total{{{TARGET}}}[5m]))"),
    "target-duplicates": lambda b: expression(b, "Instances failing", lambda e: e.replace("max by (project, starrocks_instance)", "")),
    "target-rate-interval": lambda b: expression(b, "Abnormal", lambda e: f"sum(rate(replmond_polls_skipped_total{{{TARGET}}}[5m]))"),
    "table-columns": lambda b: panel(b, "Tasks, worst first")["targets"][0].update(refId="condition"),
    "table-sort": lambda b: panel(b, "Tasks, worst first")["options"]["sortBy"][0].update(displayName="Worst"),
    "timeline-words": lambda b: expression(b, "States of tasks that had some", lambda e: e.replace("9 *", "11 *")),
    "timeline-options": lambda b: panel(b, "States of tasks that had some")["options"].update(showValue="yes"),
    "links": lambda b: b["links"][0].update(url="/d/nowhere?${datasource:queryparam}"),
    "variables": lambda b: expression(b, "Abnormal", lambda e: e.replace("$starrocks_instance", "$cluster")),
}


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.boards = board_files.boards()

    def test_the_boards_keep_them(self):
        self.assertEqual(set(self.boards), {"replmond-fleet", "replmond-task", "replmond-daemon"})
        self.assertEqual(list(lint.mistakes(self.boards)), [])

    def test_each_notices_a_board_that_breaks_it(self):
        for rule, break_it in BROKEN.items():
            boards = copy.deepcopy(self.boards)
            break_it(boards["replmond-fleet"])
            with self.subTest(rule=rule):
                self.assertIn(rule, {found for found, _ in lint.mistakes(boards)})

    def test_none_is_left_out(self):
        """Every rule that the code names has a board that breaks it."""
        text = (board_files.ROOT / "tests/dashboards/lint.py").read_text()
        named = set(lint.re.findall(r'yield f?"([a-z-]+(?:\{name\})?)"', text)) - {"target-{name}", "template-{name}"}
        self.assertEqual(named - set(BROKEN), set())
        self.assertEqual(set(BROKEN) - named, {"target-job", "target-instance", "template-job", "template-instance"})

    def test_a_link_to_a_page_names_the_task(self):
        boards = copy.deepcopy(self.boards)
        columns = panel(boards["replmond-fleet"], "Tasks, worst first")["fieldConfig"]["overrides"]
        [link] = next(one["value"] for column in columns if column["matcher"]["options"] == "external_url" for one in column["properties"] if one["id"] == "links")
        for url in (link["url"].replace(":percentencode", "", 1), link["url"].replace("&task=", "&name="), link["url"] + "&x=1"):
            link["url"] = url
            self.assertIn(("links", f"replmond-fleet: {url} does not name a task of the row"), list(lint.mistakes(boards)))

    def test_selectors(self):
        found = list(lint.selectors('sum by (a) (rate(b_total{c="}"}[$__rate_interval])) / on (d) group_left () max(e offset ${window}s) > bool 1'))
        self.assertEqual(found, [("rate", "b_total", 'c="}"', "$__rate_interval"), ("max", "e", "", "")])


class Files(unittest.TestCase):
    def test_they_are_what_the_panels_say(self):
        done = subprocess.run([sys.executable, board_files.ROOT / "script/dashboards", "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Provisioning(unittest.TestCase):
    def test_the_example_fits_the_others(self):
        example, prometheus = (yaml.safe_load((board_files.ROOT / "config" / name).read_text()) for name in ("grafana-provisioning.yaml", "prometheus.yml"))
        self.assertEqual(example["apiVersion"], 1)
        source, = example["datasources"]
        self.assertEqual((source["type"], source["jsonData"]["timeInterval"]), ("prometheus", prometheus["global"]["scrape_interval"]))
        provider, = example["providers"]
        self.assertEqual((provider["type"], provider["allowUiUpdates"]), ("file", False))
        text = (board_files.ROOT / "config/grafana-provisioning.yaml").read_text()
        self.assertIn(f"dashboards/*.json -t {provider['options']['path']}\n", text)


class Filling(unittest.TestCase):
    def test_both_forms(self):
        self.assertEqual(board_files.filled("x{a=~\"$job\"}[${window}s] $__rate_interval $other ${datasource:queryparam}", {"job": "j", "window": 5, "__rate_interval": "1m"}),
                         'x{a=~"j"}[5s] 1m $other ${datasource:queryparam}')


if __name__ == "__main__":
    unittest.main()
