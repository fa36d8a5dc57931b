"""`replmond doctor` against the simulated cloud: each step that can fail, the forms of output, the report."""

import json
import os
import re
import signal
import stat
import subprocess
import unittest

import test_connection
from support import DAEMON, PATIENCE, PROJECT_ID, ROOMY, ROOT, EndToEnd, wait_for
from task_support import Terminal

ORDERS = test_connection.ORDERS
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"
SOURCE = "0123456789abcdef0123456789abcdefin07"
SCENARIO = f"""
tokens: [e2e-secret-token]
keys: [{{access: ACCESSKEY, secret: SECRETKEY}}]
projects: [{PROJECT_ID}]
mysql: {{user: replmond, password: e2e-secret-sr}}
taurusdb:
  - {{id: {SOURCE}, name: shop, address: 127.0.2.1, htap: [{ORDERS}, {BILLING}]}}
instances:
  - name: orders
    id: {ORDERS}
    address: 127.0.1.1
    tasks:
      - {{name: orders_main, target_database: orders_sr, lag: 2s, timeline: [{{stage: incremental}}]}}
      - {{name: items_secret, target_database: items_sr, lag: 2s, timeline: [{{stage: full, percentage: 42.5, status: "No", error_msg: e2e-secret-text}}]}}
  - {{name: billing, id: {BILLING}, tasks: []}}
"""
NO_PROXIES = test_connection.NO_PROXIES
TITLES = ["names resolved", "connected", "TLS", "clock difference", "credential", "project id", "TaurusDB list", "HTAP list",
          "task list", "configuration", "rate limit", "lag login", "lag table"]
LINE = re.compile(r"  (ok|warn|fail|skip) +(" + "|".join(TITLES) + r") +(.*)")


class DoctorTest(EndToEnd):
    def configure(self, endpoint, auth="{type: token, token: e2e-secret-token}", more="", project=ROOMY, instance=""):
        self.config = self.write("replmond.yaml", f"""
poll: {{timeout: 5s}}
projects:
  - name: secret-project
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {endpoint}
    {project}
    auth: {auth}
{more}
instances:
  - {{name: orders, id: {ORDERS}{instance}}}
""")

    def command(self, *flags):
        return [str(DAEMON), "doctor", f"--config.file={self.config}", *flags]

    def doctor(self, *flags, code=0):
        done = subprocess.run(self.command(*flags), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE * 2,
                              env={**os.environ, **NO_PROXIES})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("e2e-secret-token", done.stdout + done.stderr)
        return done

    def steps(self, done):
        """(verdict, title, rest) of each line a step."""
        return [match.groups() for match in map(LINE.fullmatch, done.stdout.splitlines()) if match]

    def verdicts(self, done):
        return [(verdict, title) for verdict, title, _ in self.steps(done)]

    def text_of(self, done, title):
        return next(rest for _, each, rest in self.steps(done) if each == title)


class Doctor(DoctorTest):
    def setUp(self):
        super().setUp()
        self.simulator = self.start_simulator(SCENARIO, speed=0, databases=True)

    def test_all_is_well(self):
        self.configure(self.simulator.url)
        done = self.doctor()
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.verdicts(done), [
            ("ok", "names resolved"), ("ok", "connected"), ("skip", "TLS"), ("ok", "clock difference"), ("ok", "credential"),
            ("ok", "project id"), ("ok", "TaurusDB list"), ("ok", "HTAP list"), ("ok", "task list"), ("ok", "configuration"),
            ("ok", "rate limit")])
        self.assertEqual(self.text_of(done, "task list"), "orders: 2 tasks: 1 Full, 1 Incremental; status 1 No, 1 Yes")
        self.assertEqual(self.text_of(done, "configuration"), "orders: task items_secret: error text: e2e-secret-text")
        for line in ["  what total_count counts +settled: it counts the records of all pages",
                     "  case of stages +settled: stages Full, Incremental; statuses No, Yes",
                     "  error_msg of the configuration +settled: it is there: string",
                     "  code of an unknown instance +settled: 404 DBS.201028",
                     "  Retry-After +not seen yet: needs an answer 429"]:
            self.assertRegex(done.stdout, "\n" + line + "\n")
        asked = {each["operation"] for each in self.requests(self.simulator)}
        self.assertEqual(asked, {"instances", "htap", "list", "configuration"}, "it only reads")

    def test_readme_has_a_row_for_each_question(self):
        self.configure(self.simulator.url)
        questions = json.loads(self.doctor("--output=json").stdout)["questions"]
        readme = (ROOT / "README.md").read_text()
        rows = readme.split("\n## Not verified against the live service\n")[1].split("\n## ")[0].splitlines()
        rows = [row for row in rows if row.startswith("| ")][2:]
        self.assertEqual(len(rows), len(questions))
        for row, question in zip(rows, questions):
            with self.subTest(question["question"]):
                words = row.rstrip(" |").split(" | ")[2]
                self.assertIn(question["verdict"], words)

    def test_a_wrong_key(self):
        self.configure(self.simulator.url, "{type: aksk, access_key: ACCESSKEY, secret_key: e2e-wrong}")
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done)[3:], [
            ("ok", "clock difference"), ("fail", "credential"), ("ok", "project id"), ("skip", "TaurusDB list"), ("skip", "HTAP list"),
            ("skip", "task list"), ("skip", "configuration"), ("ok", "rate limit")])
        self.assertRegex(self.text_of(done, "credential"), r"auth 401 APIGW\.0301.*\(auth\.type aksk: access_key in the configuration.*\); to do: correct")
        self.assertNotIn("e2e-wrong", done.stdout)

    def test_what_iam_forbids_is_no_acceptance(self):
        self.control(self.simulator, "faults", {"instance": "*", "operation": "token", "status": 403, "error_code": "IAM.0002", "error_msg": "nope"})
        self.configure(self.simulator.url, "{type: password, domain: d, user: u, password: e2e-secret-token}",
                       project=ROOMY + f"\n    iam_endpoint: {self.simulator.url}", instance=self.lag())
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done)[4:], [
            ("fail", "credential"), ("ok", "project id"), ("warn", "TaurusDB list"), ("skip", "HTAP list"), ("fail", "task list"),
            ("skip", "configuration"), ("ok", "lag login"), ("ok", "rate limit")])
        self.assertIn("to do: correct the credential first: this answer is IAM's", self.text_of(done, "task list"))
        self.assertIn("403 IAM.0002: nope", self.text_of(done, "credential"))

    def test_a_redirect_is_no_acceptance(self):
        self.control(self.simulator, "faults", {"instance": "*", "operation": "instances", "status": 302})
        self.configure(self.simulator.url)
        self.assertIn(("fail", "credential"), self.verdicts(self.doctor(code=1)))

    def test_a_permission_that_is_missing(self):
        forbidden = {"status": 403, "error_code": "DBS.200044", "error_msg": "not allowed"}
        for operation, title, verdict, code in [("list", "task list", "fail", 1), ("configuration", "configuration", "warn", 0),
                                                ("instances", "TaurusDB list", "warn", 0), ("htap", "HTAP list", "warn", 0)]:
            with self.subTest(operation):
                self.control(self.simulator, "faults", {"instance": "*", "operation": operation, **forbidden})
                self.configure(self.simulator.url)
                done = self.doctor(code=code)
                self.assertIn((verdict, title), self.verdicts(done))
                self.assertIn("403 DBS.200044: not allowed", self.text_of(done, title))
                self.assertIn("to do: grant", self.text_of(done, title))
                self.assertEqual([each for each in self.verdicts(done) if each[0] in ("warn", "fail")], [(verdict, title)])
                self.control(self.simulator, "faults", None, "DELETE")
        self.control(self.simulator, "faults", {"instance": "*", "operation": "htap", **forbidden})
        self.configure(self.simulator.url, project=ROOMY + "\n    discover: {}")
        done = self.doctor(code=1)
        self.assertIn(("fail", "HTAP list"), self.verdicts(done))
        self.assertIn(("ok", "task list"), self.verdicts(done), "it goes on with what is configured")

    def test_a_name_that_does_not_resolve(self):
        self.configure("https://cloud.replmond.invalid")
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done), [("fail", "names resolved")] + [("skip", title) for title in TITLES[1:11]])
        self.assertIn("cloud.replmond.invalid", self.text_of(done, "names resolved"))

    def test_nobody_listens(self):
        self.configure(f"http://127.0.0.1:{test_connection.free_port()}")
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done)[:3], [("ok", "names resolved"), ("fail", "connected"), ("skip", "TLS")])

    def test_a_clock_that_is_off(self):
        self.configure(self.simulator.url)
        self.control(self.simulator, "clock", {"offset_seconds": 300})
        done = self.doctor()
        self.assertIn(("warn", "clock difference"), self.verdicts(done))
        self.assertRegex(self.text_of(done, "clock difference"), r"\Athis host's clock is (299|30[01]) s behind the cloud's; to do: set the clock")
        self.control(self.simulator, "clock", {"offset_seconds": -3600})
        self.configure(self.simulator.url, "{type: aksk, access_key: ACCESSKEY, secret_key: SECRETKEY}")
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done)[3:5], [("fail", "clock difference"), ("fail", "credential")])

    def lag(self):
        return f", lag: {{host: 127.0.1.1, port: {self.simulator.mysql_port}, user: replmond, password: e2e-secret-sr, tls: off}}"

    def test_lag_with_a_missing_table(self):
        self.configure(self.simulator.url, instance=self.lag())
        done = self.doctor()
        self.assertEqual(self.verdicts(done)[10:], [("ok", "lag login"), ("warn", "lag table"), ("ok", "lag table"), ("ok", "rate limit")],
                         "a task that was never incremental has an empty table")
        self.assertRegex(done.stdout, r"StarRocks by MySQL's protocol +settled: logged in, with tls off\n")
        self.control(self.simulator, "mysql", {"instance": ORDERS, "task": "orders_main", "drop_table": True})
        done = self.doctor(code=1)
        self.assertEqual(sorted(self.verdicts(done)[11:13]), [("fail", "lag table"), ("warn", "lag table")])
        text = next(rest for verdict, _, rest in self.steps(done) if verdict == "fail")
        self.assertRegex(text, r"\Aorders: task orders_main: table orders_sr\.heartbeat in StarRocks: query: .*; to do: in TaurusDB: CREATE TABLE "
                               r"SOURCE_DATABASE\.`heartbeat` .*GRANT SELECT ON `orders_sr`\.`heartbeat` TO 'replmond'@'%';")
        self.assertNotIn("e2e-secret-sr", done.stdout + done.stderr)

    def test_a_wrong_password_of_the_database(self):
        self.configure(self.simulator.url, instance=self.lag().replace("e2e-secret-sr", "e2e-wrong"))
        done = self.doctor(code=1)
        self.assertEqual([each for each in self.verdicts(done) if each[0] == "fail"], [("fail", "lag login")])
        self.assertNotIn("e2e-wrong", done.stdout + done.stderr)

    def test_short_pages_and_totals_of_the_page(self):
        self.control(self.simulator, "instances", {"instance": ORDERS, "total_count_means": "page"})
        self.configure(self.simulator.url)
        self.assertRegex(self.doctor().stdout, r"what total_count counts +settled: it counts the records of its page\n")

    def test_429(self):
        self.control(self.simulator, "faults", {"instance": ORDERS, "operation": "list", "status": 429, "retry_after": 1})
        self.configure(self.simulator.url)
        done = self.doctor(code=1)
        self.assertIn(("warn", "rate limit"), self.verdicts(done))
        self.assertRegex(done.stdout, r"Retry-After +settled: 1 of 1 answers 429 had Retry-After\n")


class Odd(DoctorTest):
    def test_fields_that_nobody_knows_and_short_pages(self):
        tasks = "\n".join(f"      - {{name: task_{i}, timeline: [{{stage: incremental}}]}}" for i in range(7))
        simulator = self.start_simulator(f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - id: {ORDERS}
    wire: mixed
    max_page: 3
    tasks:
{tasks}
""", speed=0)
        self.configure(simulator.url)
        path = self.folder / "report.json"
        done = self.doctor(f"--report={path}")
        self.assertIn(("skip", "HTAP list"), self.verdicts(done))
        self.assertRegex(done.stdout, r"pages shorter than asked for +settled: pages came shorter than asked for\n")
        self.assertRegex(done.stdout, r"case of stages +settled: stages INCREMENTAL, Incremental, incremental; statuses YES, Yes\n")
        record = json.loads(path.read_text())["projects"][0]["calls"]["list"]["record"]
        unknown = [name for name, form in record.items() if not form["known"]]
        self.assertTrue(unknown and all(re.fullmatch(r"field-\d+(\.field-\d+)*", name) for name in unknown), unknown)
        real = re.findall(r"nobody knows +(\S+) in list: ", done.stdout)
        self.assertEqual(len(real), len(unknown), done.stdout)
        for name in real:
            self.assertNotIn(f'"{name}"', path.read_text())
        self.assertEqual(record["percentage"]["of"], sum(record["percentage"]["types"].values()))
        self.assertEqual(set(record["percentage"]["types"]), {"string", "number"})
        self.assertTrue(json.loads(path.read_text())["projects"][0]["lists"][0]["short_pages"])


class Output(DoctorTest):
    def setUp(self):
        super().setUp()
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.configure(self.simulator.url)

    def test_json_has_the_same_verdicts(self):
        words = dict(zip(TITLES, ["names", "connection", "tls", "clock", "credential", "project_id", "instances", "htap", "list",
                                  "configuration", "rate_limit", "lag_login", "lag_table"]))
        text = self.doctor()
        told = json.loads(self.doctor("--output=json").stdout)
        self.assertEqual([(each["verdict"], each["step"]) for each in told["projects"][0]["steps"]],
                         [(verdict, words[title]) for verdict, title in self.verdicts(text)])
        self.assertEqual((told["format"], told["verdict"], told["projects"][0]["project"]), ("replmond-doctor/1", "ok", "secret-project"))
        for question in told["questions"]:
            self.assertIn(question["words"], text.stdout)

    def test_the_report_shows_nobody(self):
        path = self.folder / "report.json"
        path.write_text("before")
        path.chmod(0o644)
        done = self.doctor(f"--report={path}")
        self.assertEqual(done.stderr, f"{path} can be shown to strangers; look at it first\n")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual([each.name for each in self.folder.glob("report.json*")], ["report.json"])
        text = path.read_text()
        for secret in ["secret", PROJECT_ID, ORDERS, SOURCE, "127.0.0.1", "orders", "items", "shop"]:
            self.assertNotIn(secret, text)
        report = json.loads(text)
        project = report["projects"][0]
        self.assertEqual((project["project"], project["lists"][0]["instance"]), ("project-1", "instance-1"))
        self.assertEqual(project["calls"]["list"]["record"]["stage"]["words"], {"Full": 2, "Incremental": 2})
        self.assertEqual(project["lists"][0]["readings"][0],
                         {"limit": 100, "pages": [{"offset": 0, "records": 2, "new": 2, "total_count": 2},
                                                  {"offset": 2, "records": 0, "new": 0, "total_count": 2}]})
        self.assertEqual([(each["call"], each["code"]) for each in project["errors"]], [("no_such_instance", "DBS.201028")])
        self.assertTrue(report["keeps"])

    def test_a_report_that_cannot_be_written(self):
        done = self.doctor(f"--report={self.folder}/none/report.json", code=1)
        self.assertEqual(done.stderr, f"replmond: cannot write {self.folder}/none/report.json: No such file or directory\n")
        folder = self.folder / "folder"
        folder.mkdir()
        done = self.doctor(f"--report={folder}", code=1)
        self.assertEqual(done.stderr, f"replmond: cannot write {folder}: Is a directory\n")
        self.assertEqual([each.name for each in self.folder.glob("folder*")], ["folder"])

    def on_terminal(self, *flags):
        terminal = Terminal(self.command(*flags), 80, NO_PROXIES)
        return terminal.wait(), terminal.text

    def test_a_terminal_of_80_columns(self):
        code, text = self.on_terminal()
        self.assertEqual(code, 0)
        self.assertRegex(text, r"\r[|/\\-] project secret-project: connecting\x1b\[K", "a spinner")
        lines = [line.rpartition("\r\x1b[K")[2] for line in text.replace("\r\n", "\n").split("\n")]
        self.assertLessEqual(max(map(len, lines)), 80, max(lines, key=len))
        self.assertEqual(" ".join(" ".join(lines).split()), " ".join(self.doctor().stdout.split()))

    def test_a_pipe_has_no_spinner_and_a_line_a_step(self):
        done = self.doctor()
        self.assertNotRegex(done.stdout, r"[\r\x1b]")
        self.assertEqual(len(self.steps(done)), 11)

    def test_names_that_nobody_has(self):
        done = self.doctor("--project=secret-projekt", code=1)
        self.assertEqual((done.stdout, done.stderr), ("", "replmond: --project: no project is called secret-projekt; did you mean secret-project?\n"
                                                          "Try 'replmond doctor --help'.\n"))
        done = self.doctor("--instance=ordres", code=1)
        self.assertEqual(done.stderr, "replmond: no StarRocks instance is called ordres; did you mean orders?\nTry 'replmond doctor --help'.\n")

    def test_projects_and_instances(self):
        self.configure(self.simulator.url, more=f"""
  - name: dead
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: http://127.0.0.1:{test_connection.free_port()}
    auth: {{type: token, token: e2e-secret-token}}
""", instance=", project: secret-project")
        done = self.doctor(code=1)
        self.assertEqual(re.findall("(?m)^project .*", done.stdout), ["project secret-project in ap-southeast-3", "project dead in ap-southeast-3"])
        for flag in ("--project=secret-project", "--instance=orders", f"--instance={ORDERS}"):
            with self.subTest(flag):
                self.assertEqual(re.findall("(?m)^project .*", self.doctor(flag).stdout), ["project secret-project in ap-southeast-3"])

        done = self.doctor("--project=dead", "--instance=orders", code=1)
        self.assertEqual(done.stderr, "replmond: --instance: orders is an instance of project secret-project, not of dead\n"
                                      "Try 'replmond doctor --help'.\n")

    def test_discovered_instances(self):
        self.configure(self.simulator.url, project=ROOMY + "\n    discover: {}")
        self.assertEqual([rest.partition(":")[0] for _, title, rest in self.steps(self.doctor()) if title == "task list"], ["billing", "orders"])

    def test_rate_limit_holds(self):
        self.configure(self.simulator.url, project="rate_limit: 3/1s")
        self.control(self.simulator, "rate", {"requests": 3, "window_seconds": 1})
        done = self.doctor()
        self.assertIn(("ok", "rate limit"), self.verdicts(done))
        self.assertNotIn(429, [each["status"] for each in self.requests(self.simulator)])

    def test_control_c_ends_it(self):
        self.control(self.simulator, "faults", {"instance": "*", "operation": "list", "hang": True})
        doctor = self.start("doctor", *self.command())
        wait_for(lambda: self.requests(self.simulator, "list") or re.search("HTAP list", doctor.output()), "its first list request")
        self.assertEqual(doctor.stop(signal.SIGINT), 130)


class Tls(test_connection.Connection):
    configure = DoctorTest.configure
    command = DoctorTest.command
    doctor = DoctorTest.doctor
    steps = DoctorTest.steps
    verdicts = DoctorTest.verdicts
    text_of = DoctorTest.text_of

    def test_a_certificate_of_a_private_authority(self):
        self.start_front()
        self.configure(f"https://localhost:{self.front}", project=f"{ROOMY}\n    ca_file: ca.pem")
        done = self.doctor()
        self.assertRegex(self.text_of(done, "TLS"), r'\ATLSv1\.[23]; the certificate is signed by "CN=e2e authority" and expires at \S+Z, in [01] days; to do: ')
        self.assertIn(("warn", "TLS"), self.verdicts(done))

    def test_an_unknown_authority(self):
        self.start_front()
        self.configure(f"https://localhost:{self.front}")
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done)[:4], [("ok", "names resolved"), ("ok", "connected"), ("fail", "TLS"), ("skip", "clock difference")])
        self.assertIn("name its certificate in ca_file", self.text_of(done, "TLS"))

    def test_a_certificate_that_has_expired(self):
        self.openssl("req", *self.fresh_key("front"), "-subj", "/CN=front", "-out", "front.csr")
        self.write("names", "subjectAltName=DNS:localhost\n")
        self.certify = lambda names: self.openssl("x509", "-req", "-in", "front.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                                                  "-days", "-1", "-extfile", "names", "-out", "front.pem")
        self.start_front()
        self.configure(f"https://localhost:{self.front}", project=f"{ROOMY}\n    ca_file: ca.pem")
        done = self.doctor(code=1)
        self.assertEqual(self.verdicts(done)[2], ("fail", "TLS"))
        self.assertRegex(self.text_of(done, "TLS"), r"its certificate has expired at \S+Z, and here it is \S+Z; if it should be valid, check this host's clock")

    def test_through_a_proxy(self):
        self.start_front()
        proxy = self.start_tinyproxy()
        self.configure(f"https://localhost:{self.front}", project=f"{ROOMY}\n    ca_file: ca.pem\n    proxy_url: {proxy.url}")
        done = self.doctor()
        self.assertEqual(self.text_of(done, "connected"), f"to localhost:{self.front} through the proxy {proxy.address} of proxy_url")
        self.assertNotIn(test_connection.PROXY_PASSWORD, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
