"""`--follow`: its lines, its live line, its exit codes, and who ends it."""

import json
import re
import unittest

from support import wait_for
from task_support import ORDERS, TaskTest

RUNNING = "{name: main, timeline: [{stage: incremental}]}"
DEFINED = "{name: fresh, defined: true, timeline: [{stage: wait, for: 1s}, {stage: full, percentage: 40}]}"
QUICK = ["--follow", "--poll-interval=1s", "--timeout=60s"]


def timeless(text):
    return re.sub(r"\b(after )\w+", r"\1TIME", text)


class Followed(TaskTest):
    def named(self, command, task, *more):
        yes = ["--yes"] if command == "delete" else []
        return [command, "--instance=orders", f"--task-name={task}", *yes, *more]

    def set(self, task, **values):
        self.control("tasks", instance=ORDERS, task_name=task, set=values)

    def ended(self, follower, code):
        self.assertEqual(follower.process.wait(timeout=60), code, follower.output() + follower.errors())
        return follower.output()

    def create(self, *more):
        return self.create_arguments("fresh") + list(more)


class Follow(Followed):
    def test_create_until_incremental(self):
        self.start_cloud([DEFINED], speed=0)
        follower = self.start_task(*self.create(*QUICK))
        follower.wait_for_line("fresh: full 40%, normal")
        self.set("fresh", percentage=80)
        follower.wait_for_line("fresh: full 80%, normal")
        self.set("fresh", stage="incremental", percentage=100)
        text = self.ended(follower, 0)
        self.assertNotIn("\r", text)
        self.assertNotIn("\x1b", text)
        self.check_golden("task-create-follow.txt", timeless(re.sub(r"\A[0-9a-f-]{36}$", "JOB", text, flags=re.M)))
        self.assertEqual(follower.errors(), "")

    def test_pause_resume_delete(self):
        self.start_cloud([RUNNING], speed=0)
        text = ""
        for command in ("pause", "resume", "delete"):
            done = self.task(*self.named(command, "main", *QUICK))
            self.assertEqual(done.returncode, 0, done.stderr)
            text += done.stdout
        self.check_golden("task-change-follow.txt", timeless(text))

    def test_three_abnormal_readings(self):
        self.start_cloud([DEFINED], speed=0)
        follower = self.start_task(*self.create(*QUICK))
        follower.wait_for_line("fresh: full 40%, normal")
        self.set("fresh", status="No")
        text = self.ended(follower, 2)
        self.assertRegex(text, r"fresh: full 40%, ABNORMAL\nfresh: abnormal in 3 readings in a row \(full 40%, ABNORMAL\); "
                               r"replmond task show says why\n\Z")

    def test_a_task_that_is_lost(self):
        self.start_cloud([DEFINED], speed=0)
        follower = self.start_task(*self.create(*QUICK))
        follower.wait_for_line("fresh: full 40%, normal")
        self.control("tasks", instance=ORDERS, task_name="fresh", remove=True)
        self.assertRegex(self.ended(follower, 2), r"fresh: not in the list\nfresh: gone from the list after \w+\n\Z")

    def test_a_task_that_is_cancelled(self):
        self.start_cloud([DEFINED], speed=0)
        follower = self.start_task(*self.create(*QUICK))
        follower.wait_for_line("fresh: full 40%, normal")
        self.set("fresh", stage="cancelled")
        self.assertRegex(self.ended(follower, 2), r"fresh: cancelled after \w+\n\Z")

    def test_time_over(self):
        self.start_cloud([DEFINED], speed=0)
        done = self.task(*self.create("--follow", "--poll-interval=1s", "--timeout=3s"))
        self.check(done, 3, r".*fresh: full 40%, normal\nfresh: not incremental after \w+ \(full 40%, normal\); it goes on in the cloud\n")

    def test_a_reading_that_hangs_ends_with_the_time(self):
        self.start_cloud([DEFINED], speed=0, timeout="60s")
        self.control("faults", instance=ORDERS, operation="list", hang=True)
        self.check(self.task(*self.create("--follow", "--timeout=2s")), 3, r".*not incremental after \w+ \(not seen yet\).*\n")

    def test_failed_readings_end_nothing(self):
        self.start_cloud([RUNNING], speed=0)
        self.control("faults", instance=ORDERS, operation="list", status=400, error_code="DBS.1", count=3)
        done = self.task(*self.named("pause", "main", *QUICK))
        self.check(done, 0, r"main: pause accepted\nmain: paused 100%, normal\nmain: paused after \w+\n",
                   r".*event=reading_failed .*error=\"http 400 DBS\.1[^\n]*\n")
        self.assertEqual(done.stderr.count("reading_failed"), 1)

    def test_one_page_without_the_task_proves_nothing(self):
        others = [f"{{name: other{n}, timeline: [{{stage: incremental}}]}}" for n in range(5)]
        self.start_cloud([RUNNING, *others], speed=0)
        self.control("instances", instance=ORDERS, total_count_means="changing")
        follower = self.start_task(*self.named("delete", "main", *QUICK))
        wait_for(lambda: "inconsistent" in follower.errors(), "a reading that contradicts itself")
        self.assertIsNone(follower.process.poll())
        self.control("instances", instance=ORDERS, total_count_means="records")
        self.assertRegex(self.ended(follower, 0), r"main: gone after \w+\n\Z")

    def test_a_lost_answer_is_followed(self):
        self.start_cloud([RUNNING], speed=0)
        self.control("faults", instance=ORDERS, operation="pause", count=1, cut_at="header")
        done = self.task(*self.named("pause", "main", *QUICK))
        self.check(done, 0, r"main: paused 100%, normal\nmain: paused after \w+\n", r".*event=change_unanswered .*\n")
        self.assertEqual(len(self.changing_requests()), 1)

    def test_control_c_leaves_the_task_alone(self):
        self.start_cloud([DEFINED], speed=0)
        follower = self.start_task(*self.create(*QUICK))
        follower.wait_for_line("fresh: full 40%, normal")
        self.interrupt(follower.process)
        self.ended(follower, 130)
        self.assertEqual(follower.errors(), "replmond: interrupted: fresh goes on as before; replmond task list "
                                            "shows how it stands\n")
        self.assertEqual([r["operation"] for r in self.changing_requests()], ["create"])

    def test_json_has_one_object_at_the_end(self):
        self.start_cloud([RUNNING], speed=0)
        done = self.task(*self.named("pause", "main", "--output=json", *QUICK))
        self.assertEqual(done.returncode, 0)
        told = json.loads(done.stdout)
        self.assertEqual((told["outcome"], told["verdict"], told["stage"], told["status"]),
                         ("accepted", "reached", "paused", "yes"))


class OnATerminal(Followed):
    def test_live_line(self):
        self.start_cloud([DEFINED], speed=0)
        terminal = self.terminal(*self.create(*QUICK), columns=100)
        terminal.read(r"fresh  full  \[#+-+\] +40%  \ds")
        self.set("fresh", percentage=60)
        terminal.read(r"60%  \d+s, about \w+ left")
        self.set("fresh", stage="incremental", percentage=100)
        self.assertEqual(terminal.wait(), 0)
        last = terminal.text.split("\r\x1b[K")[-1]
        self.assertRegex(last, r"\Afresh: incremental after \w+\r\n\Z")
        for drawn in re.findall(r"\r([^\r\n]*)\x1b\[K", terminal.text):
            self.assertLessEqual(len(drawn), 100)

    def test_control_c(self):
        self.start_cloud([DEFINED], speed=0)
        terminal = self.terminal(*self.create(*QUICK), columns=60)
        terminal.read("full .*40%")
        terminal.press_control_c()
        self.assertEqual(terminal.wait(), 130)
        self.assertIn("interrupted: fresh goes on as before", terminal.text)

    def test_a_dumb_terminal_gets_lines(self):
        self.start_cloud([RUNNING], speed=0)
        terminal = self.terminal(*self.named("pause", "main", *QUICK), env={"TERM": "dumb"})
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.text.replace("\r\n", "\n"), r"\Amain: pause accepted\nmain: paused 100%, normal\nmain: paused after \w+\n\Z")


if __name__ == "__main__":
    unittest.main()
