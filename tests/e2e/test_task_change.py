"""`replmond task create`, `pause`, `resume` and `delete`: what is sent, how often, and what is said of it."""

import json
import signal
import unittest

from support import config_for, wait_for
from task_support import BOTH, ORDERS, SOURCE, TaskTest

RUNNING = "{name: main, timeline: [{stage: incremental}]}"
DEFINED = "{name: fresh, defined: true, timeline: [{stage: wait, for: 1s}, {stage: incremental}]}"
NAMED = ["--instance=orders", "--task-name=main"]
UNKNOWN_END = r".*it is unknown whether it was done, and replmond does not send it again: .*replmond task list.*\n"


class Change(TaskTest):
    def setUp(self):
        super().setUp()
        self.start_cloud([RUNNING, DEFINED], speed=0)

    def test_pause_resume_delete(self):
        for command, more, task in (("pause", [], "main"), ("resume", [], "main"), ("delete", ["--yes"], "main")):
            self.check(self.task(command, *NAMED, *more), 0, rf"{task}: {command} accepted\n")
        sent = self.changing_requests()
        self.assertEqual([(r["method"], r["operation"]) for r in sent],
                         [("POST", "pause"), ("POST", "resume"), ("DELETE", "delete")])
        for request in sent:
            self.assertEqual(json.loads(request["body"]), {"task_name": "main"})
        self.check(self.task("delete", *NAMED, "--yes"), 1, None,
                   r"replmond: delete of main on orders: refused: http 400 DBS\.05000091: .*replmond task list.*\n")

    def test_signed_requests_with_a_body(self):
        self.configure(config_for(self.simulator, BOTH).replace(
            "{type: token, token: e2e-secret-token}", "{type: aksk, access_key: ACCESSKEY, secret_key: SECRETKEY}"))
        self.check(self.task("pause", *NAMED), 0, "main: pause accepted\n")
        self.check(self.task("delete", *NAMED, "--yes"), 0, "main: delete accepted\n")

    def test_create_prints_the_job(self):
        done = self.task(*self.create_arguments("fresh"))
        self.check(done, 0, r"[0-9a-f-]{36}\n")
        self.assertEqual(json.loads(self.changing_requests()[0]["body"]),
                         {"source_instance_id": SOURCE, "source_database": "fresh", "target_database": "fresh",
                          "task_name": "fresh"})

    def test_create_of_a_task_that_nobody_defined(self):
        self.check(self.task(*self.create_arguments("nowhere")), 1, None,
                   r"replmond: create of nowhere on orders: the cloud knows no such task: http 400 DBS\.270022: .*; "
                   r"create starts a task that has been defined before: define it in the console, or with the API's "
                   r"database-config-check\n")

    def test_other_refusals_say_what_can_be_done(self):
        self.check(self.task(*self.create_arguments("fresh", source="other")), 1, None,
                   r".*DBS\.280001.*databases must be those that the task is defined for\n")
        self.check(self.task(*self.create_arguments("main")), 1, None, r".*DBS\.200086.*it may run already.*\n")
        self.check(self.task("resume", *NAMED), 1, None, r".*DBS\.200086.*only a paused task can be resumed\n")

    def test_mistakes_send_nothing(self):
        bad = self.create_arguments("a-b", source="ab", target="x" * 129)
        self.check(self.task(*bad), 1, None,
                   r'replmond: --source-database: expected 3 to 1024 letters \(A-Z, a-z\), digits or underscores, got "ab"; '
                   r'--target-database: expected 3 to 128 [^\n]*; --task-name: expected 3 to 128 [^\n]*, got "a-b"\n'
                   r"Try 'replmond task create --help'\.\n")
        for name in ("", " ", "\n"):
            self.check(self.task("delete", "--instance=orders", "--task-name", name, "--yes"), 1, None,
                       r"replmond: --task-name: expected a name that is not empty[^\n]*\nTry [^\n]*\n")
        self.check(self.task("delete", "--instance=orders", "--task-name=", "--yes", "--yes"), 1, None,
                   r"replmond: --task-name: expected a value[^\n]*\nTry 'replmond task delete --help'\.\n")
        self.check(self.task("delete", *NAMED), 1, None, r"[^\n]*nothing is sent without --yes\nTry [^\n]*\n")
        for command in ("pause", "show"):
            self.check(self.task(command, "--instance", "", "--task-name=main"), 1, None, r"replmond: --instance: expected a value that is not empty\nTry [^\n]*\n")
        self.check(self.task("pause", "--instance=orders"), 1, None, r"replmond: --task-name is required\nTry 'replmond task pause --help'\.\n")
        self.assertEqual(self.requests(self.simulator), [])

    def test_a_busy_instance_is_waited_for(self):
        self.control("instances", instance=ORDERS, busy="DBS.200019")
        waiting = self.start_task("pause", *NAMED)
        wait_for(lambda: self.changing_requests(), "the first refusal")
        self.control("instances", instance=ORDERS, busy=None)
        self.assertEqual(waiting.process.wait(timeout=60), 0)
        self.assertEqual(waiting.output(), "main: pause accepted\n")
        self.assertRegex(waiting.errors(), r"event=change_deferred .*operation=pause error=\"http 409 DBS\.200019: ")
        self.assertEqual([r["status"] for r in self.changing_requests()][-1], 200)

    def test_a_busy_instance_until_the_time_is_over(self):
        self.control("instances", instance=ORDERS, busy="DBS.05000084")
        self.check(self.task("pause", *NAMED, "--timeout=1s", "--log.level=error"), 3, None,
                   r"replmond: pause of main on orders: nothing was done within 1s: http 409 DBS\.05000084: .*\n")
        self.control("instances", instance=ORDERS, busy="DBS.200022")  # another 409 is none
        before = len(self.changing_requests())
        self.check(self.task("pause", *NAMED), 1, None, r".*refused: http 409 DBS\.200022.*\n")
        self.assertEqual(len(self.changing_requests()), before + 1)

    def test_control_c_while_it_is_busy(self):
        self.control("instances", instance=ORDERS, busy="DBS.200019")
        waiting = self.start_task("pause", *NAMED)
        wait_for(lambda: "change_deferred" in waiting.errors(), "the first refusal")
        self.interrupt(waiting.process)
        self.assertEqual(waiting.process.wait(timeout=60), 130)
        self.assertIn("replmond: interrupted: pause of main was not done\n", waiting.errors())

    def test_lost_answers_are_not_sent_again(self):
        for fault in ({"reset_at": "header"}, {"cut_at": "answer"}, {"status": 502}, {"answer": "html"}):
            with self.subTest(fault):
                before = len(self.changing_requests())
                self.control("faults", instance=ORDERS, operation="pause", count=1, **fault)
                self.check(self.task("pause", *NAMED), 1, None, UNKNOWN_END)
                self.assertEqual(len(self.changing_requests()), before + 1)

    def test_a_cloud_that_is_slow(self):
        self.configure(config_for(self.simulator, BOTH, timeout="300ms"))
        self.control("faults", instance=ORDERS, operation="pause", count=1, hang=True)
        self.check(self.task("pause", *NAMED), 1, None, r"replmond: pause of main .*timeout: no answer within 300 ms.*\n")
        self.assertEqual(len(self.changing_requests()), 1)

    def test_control_c_while_the_request_is_under_way(self):
        self.configure(config_for(self.simulator, BOTH, timeout="60s"))
        self.control("faults", instance=ORDERS, operation="pause", count=1, hang=True)
        waiting = self.start_task("pause", *NAMED)
        wait_for(lambda: self.changing_requests(), "the request")
        waiting.process.send_signal(signal.SIGTERM)
        self.assertEqual(waiting.process.wait(timeout=60), 143)
        self.assertIn("it is unknown whether it was done", waiting.errors())

    def test_a_cloud_that_is_not_there(self):
        self.simulator.stop()
        done = self.task("pause", *NAMED)
        self.check(done, 1, None, r"(.*event=change_deferred.*\n){2}replmond: pause of main on orders: nothing was sent: "
                                  r"network: cannot connect.*Connection refused.*\n")

    def test_an_accepted_change_whose_answer_names_no_job(self):
        self.control("faults", instance=ORDERS, operation="create", body="{}")
        self.check(self.task(*self.create_arguments("fresh")), 0, None, r"replmond: create was accepted, but .*\n")

    def test_json(self):
        done = self.task("pause", *NAMED, "--output=json")
        self.assertEqual(done.returncode, 0)
        told = json.loads(done.stdout)
        self.assertRegex(told.pop("job_id"), r"^[0-9a-f-]{36}$")
        self.assertEqual(told, {"project": "demo", "starrocks_instance": "orders", "instance_id": ORDERS,
                                "task": "main", "operation": "pause", "outcome": "accepted"})
        done = self.task("resume", "--instance=orders", "--task-name=nope", "--output=json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["outcome"], "refused")
        self.assertEqual(json.loads(done.stdout)["error_code"], "DBS.270022")

    def test_nothing_tells_the_secret(self):
        for arguments in (["pause", *NAMED, "--log.level=debug"], ["list", "--log.level=debug"]):
            done = self.task(*arguments)
            self.assertNotIn("e2e-secret-token", done.stdout + done.stderr)

    def test_the_budget_holds(self):
        self.configure(config_for(self.simulator, BOTH, project="rate_limit: 3/2s"))
        self.control("rate", requests=3, window_seconds=2)
        done = self.task("pause", *NAMED, "--follow", "--poll-interval=1s", "--timeout=60s")
        self.check(done, 0, r".*main: paused after .*\n")
        self.assertFalse([r for r in self.requests(self.simulator) if r["status"] == 429])


if __name__ == "__main__":
    unittest.main()
