"""The simulator plays a report of `replmond doctor` back: a doctor of that cloud says the same of the list as the report."""

import json
import re
import subprocess

from support import BUILD, DAEMON, EndToEnd, PATIENCE, PROJECT_ID, ROOT, config_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
REPORTS = sorted((ROOT / "tests/data/reports").glob("*.json"))
STATES = ["{stage: incremental}", "{stage: full, percentage: 42.5}", "{stage: incremental, catchup_stage: full, catchup_percentage: 7}",
          "{stage: incremental, status: No, need_repair: true}", "{stage: wait}", "{stage: paused, percentage: 100}",
          "{stage: full, percentage: 30, catchup_stage: full, catchup_percentage: 40}"]  # of each state, tasks in even and in odd places


def scenario():
    tasks = "\n".join(f"      - {{name: task_{n:02}, main: {str(n % 9 != 0).lower()}, timeline: [{STATES[n % len(STATES)]}]}}" for n in range(25))
    return f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks:
{tasks}
"""


def letters(words):
    return {"upper" if word.isupper() else "lower" if word.islower() else "capitalised" for word in words if word not in ("-", "None")}


def form(field):
    """What a report says of a field beside the counts, which go by the tasks."""
    return (sorted(field.get("types", {})), "%" in str(field.get("shapes")), sorted(letters(field.get("words", {}))), "padded" in field)


def of_list(report):
    """The list part of a report, without names that only placeholders stand for."""
    [project] = report["projects"]
    calls = project["calls"]["list"]
    fields = {part: {name: form(field) for name, field in calls[part].items() if field["known"]} for part in ("body", "record")}
    unknown = {part: sorted(form(field) for field in calls[part].values() if not field["known"]) for part in ("body", "record")}
    fields["body"].pop("replications")  # null or absent where a list is empty
    ends = {one["beyond_the_end"] for one in project["lists"] if "beyond_the_end" in one}
    totals = {one["total_counts"] for one in project["lists"]} - {"unknown"}
    return {"fields": fields, "unknown": unknown, "totals": totals, "ends": ends,
            "short": any(one.get("short_pages") for one in project["lists"])}


class Like(EndToEnd):
    def doctor(self, like):
        """Its report of a simulated cloud like the one of the report."""
        simulator = self.start_simulator(scenario(), speed=0, like=like)
        config = self.write("replmond.yaml", config_for(simulator, [("orders", ORDERS, "")]))
        report = self.folder / "report.json"
        done = subprocess.run([str(DAEMON), "doctor", f"--config.file={config}", f"--report={report}"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        simulator.stop()
        return report

    def test_a_report_is_what_doctor_says_of_it(self):
        self.maxDiff = None
        self.assertEqual(len(REPORTS), 3)
        for like in REPORTS:
            with self.subTest(like.stem):
                first = self.doctor(like)
                self.assertEqual(of_list(json.loads(like.read_text())), of_list(json.loads(first.read_text())))
                again = self.folder / "again.json"
                first.rename(again)
                self.assertEqual(of_list(json.loads(again.read_text())), of_list(json.loads(self.doctor(again).read_text())))


class TotalOfShortPages(EndToEnd):
    """A cloud whose pages are shorter than asked for, and whose total_count is that of the page."""

    def doctor(self):
        """What it says of the task list, and which page size it names."""
        done = subprocess.run([str(DAEMON), "doctor", f"--config.file={self.folder}/replmond.yaml"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return re.search(r"(?m)^  (\w+) +task list +orders: (25 tasks: .*)$", done.stdout).groups()

    def test_doctor_names_the_page_size_with_which_the_daemon_sees_all(self):
        simulator = self.start_simulator(scenario(), speed=0, like=ROOT / "tests/data/reports/short-pages.json")
        daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, "")], page_size=100))
        tasks = 'starrocks_replication_tasks{project="demo",starrocks_instance="orders"}'
        self.wait_for_polls(daemon, "orders", 2)
        self.assertEqual(self.sample(daemon, tasks), "10", "the first page only")

        verdict, text = self.doctor()
        self.assertEqual(verdict, "warn")
        self.assertTrue(text.endswith("; the first page had only 10 of them, and its total_count says that these are all; to do: set "
                                      "poll.page_size: 10; with more the daemon sees the first page only"), text)
        self.reload(daemon, config_for(simulator, [("orders", ORDERS, "")], page_size=10))
        self.wait_for_sample(daemon, tasks, "25")
        self.assertEqual(self.polls(daemon, "orders", "inconsistent"), 0)
        self.assertEqual(len(daemon.lines("event=task_discovered")), 25)
        verdict, text = self.doctor()
        self.assertEqual((verdict, "to do" in text), ("ok", False), text)


class Mistakes(EndToEnd):
    def test_a_report_with_a_wrong_value_is_refused(self):
        report = self.write("report.json", REPORTS[0].read_text().replace('"replmond-doctor/1"', '"replmond-doctor/9"'))
        path = self.write("scenario.yaml", scenario())
        done = subprocess.run([str(BUILD / "replmond-simulator"), f"--scenario={path}", f"--like={report}"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, f"replmond-simulator: {report}: format: must be 'replmond-doctor/1', not 'replmond-doctor/9'\n")
