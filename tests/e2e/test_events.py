"""`replmond events`: its filters, and --follow while the state file is written, replaced and gone."""

import json
import os
import re
import signal
import subprocess
import unittest

from support import DAEMON, PATIENCE, config_for, wait_for
from task_support import ORDERS, TaskTest, Terminal

TASKS = ["{name: first, timeline: [{stage: incremental}]}", "{name: second, timeline: [{stage: incremental}]}"]


class Events(TaskTest):
    def setUp(self):
        super().setUp()
        self.start_cloud(TASKS, speed=0, instances=[("orders", ORDERS, "")])
        self.state = self.folder / "state" / "state.db"
        self.state.parent.mkdir()
        self.daemon = self.begin()

    def begin(self, name="daemon"):
        daemon = self.start_daemon(config_for(self.simulator, [("orders", ORDERS, "")]) + f"state: {{path: {self.state}}}\n", name=name)
        self.wait_for_polls(daemon, "orders", 1)
        self.wait_for_sample(daemon, "replmond_journal_waiting", "0")
        return daemon

    def set_status(self, task, status):
        self.control("tasks", instance=ORDERS, task_name=task, set={"status": status})

    def arguments(self, *flags):
        return [str(DAEMON), "events", f"--state.path={self.state}", *flags]

    def shown(self, *flags):
        done = subprocess.run(self.arguments("--output=json", *flags), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [(event["event"], event.get("task")) for event in map(json.loads, done.stdout.splitlines())]

    def follow(self, *flags):
        return self.start("events", *self.arguments("--follow", *flags))

    def names(self, program):
        return [re.search(r" event=(\S+) .* task=(\S+)", line).groups() for line in program.lines()]


class Filters(Events):
    def test_by_level_and_event(self):
        self.set_status("first", "No")
        self.daemon.wait_for_line("event=replication_abnormal .* event_id=")
        self.set_status("first", "Yes")
        self.daemon.wait_for_line("event=replication_recovered .* event_id=")
        self.wait_for_sample(self.daemon, "replmond_journal_waiting", "0")
        abnormal, recovered = ("replication_abnormal", "first"), ("replication_recovered", "first")
        self.assertEqual([e for e in self.shown("--level=error") if e[1]], [abnormal])
        self.assertEqual([e for e in self.shown("--level=warn") if e == recovered], [])
        self.assertIn(recovered, self.shown("--level=info"))
        self.assertEqual(self.shown("--event=replication_abnormal,replication_recovered"), [abnormal, recovered])
        self.assertEqual(self.shown("--event=replication_abnormal", "--event=task_discovered"),
                         [("task_discovered", "first"), ("task_discovered", "second"), abnormal])
        self.assertEqual(self.shown("--event=replication_recovered", "--level=error"), [])
        self.assertEqual(self.shown("--event=replication_abnormal,replication_recovered", "--limit=1"), [recovered])


    def test_a_name_that_no_event_has(self):
        for flags, words in ((["--instance=ordes"], "no event of instance ordes is stored; did you mean orders?"),
                             ([f"--instance={ORDERS[:-4]}in18"], f"no event of instance {ORDERS[:-4]}in18 is stored; did you mean {ORDERS}?"),
                             (["--instance=orders", "--task=frist"], "no event of task frist is stored; did you mean first?"),
                             (["--task=\x1b[31m"], "no event of task \\x1b[31m is stored")):
            with self.subTest(flags):
                done = subprocess.run(self.arguments(*flags), capture_output=True, text=True, timeout=PATIENCE)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", f"replmond: {words}\n"))
        self.assertEqual(self.shown("--instance=orders", "--task=first", "--event=task_gone"), [])


class Follow(Events):
    def test_stored_events_and_then_new_ones(self):
        follow = self.follow("--event=task_discovered,replication_abnormal", "--limit=1")
        follow.wait_for_line("event=task_discovered .*task=second")
        self.set_status("second", "No")
        follow.wait_for_line("event=replication_abnormal .*task=second")
        self.set_status("second", "Yes")  # is not asked for
        self.daemon.wait_for_line("event=replication_recovered")
        self.set_status("first", "No")
        follow.wait_for_line("event=replication_abnormal .*task=first")
        self.assertEqual(self.names(follow), [("task_discovered", "second"), ("replication_abnormal", "second"),
                                              ("replication_abnormal", "first")])
        self.assertEqual(follow.lines("event=replication_abnormal"), self.daemon.lines("event=replication_abnormal .*event_id="))
        self.assertEqual(follow.stop(), 0)
        self.assertEqual(follow.errors(), "")

    def test_it_ends_at_each_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            follow = self.follow()
            follow.wait_for_line("event=task_discovered .*task=second")
            self.assertEqual(follow.stop(number), 0)
            self.assertEqual(follow.errors(), "")

    def test_it_ends_with_its_reader(self):
        read, write = os.pipe()
        follow = subprocess.Popen(self.arguments("--follow", "--limit=1"), stdout=write, stderr=subprocess.PIPE, text=True)
        os.close(write)
        self.assertIn(b"event=", os.read(read, 65536))
        os.close(read)  # and nothing new is stored
        self.assertEqual(follow.communicate(timeout=PATIENCE)[1], "")
        self.assertEqual(follow.returncode, 0)

    def test_on_a_terminal(self):
        terminal = Terminal(self.arguments("--follow", "--limit=1"), 80, {})
        terminal.read("event=task_discovered")
        terminal.press_control_c()
        self.assertEqual(terminal.wait(), 0)

    def test_another_state_file(self):
        follow = self.follow("--event=task_discovered,replication_abnormal")
        follow.wait_for_line("event=task_discovered .*task=second")
        for each in self.state.parent.glob("state.db*"):
            each.unlink()
        self.set_status("first", "No")
        self.daemon.wait_for_line("event=state_set_aside")  # the daemon has begun a new one, and its ids go on
        follow.wait_for_line("event=replication_abnormal .*task=first")
        # A daemon that starts without a file begins with 1 again.
        self.assertEqual(self.daemon.stop(), 0)
        for each in self.state.parent.glob("state.db*"):
            each.unlink()
        wait_for(lambda: "there is no such file" in follow.errors(), "a word about the file")
        self.begin("again")
        wait_for(lambda: len(follow.lines("event=replication_abnormal")) == 2, follow.output)
        for line in follow.errors().splitlines():
            self.assertRegex(line, rf"\Areplmond: state file {re.escape(str(self.state))}: [^;]+; replmond looks for it again\Z")
        self.assertEqual(follow.stop(), 0)

    def test_without_a_file_it_does_not_begin(self):
        done = subprocess.run([str(DAEMON), "events", "--follow", f"--state.path={self.folder}/none.db"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (1, "", f"replmond: state file {self.folder}/none.db: there is no such file\n"))


if __name__ == "__main__":
    unittest.main()
