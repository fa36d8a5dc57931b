"""How the daemon ends, and how it does not: signals at any moment, errors that nobody has handled, what is left."""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import unittest

from support import DAEMON, ROOT, config_for, http, needs_shared_libraries, wait_for
import test_state
from test_state import ONE
import test_state_trouble

class HeldStart(test_state.Restarts):
    """A start that waits for another program which has the state file to itself."""

    def setUp(self):
        super().setUp()
        run = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(run, "orders", 1)
        self.end(run)
        self.before = self.shown()
        self.other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(self.other.close)
        self.other.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.other.execute("BEGIN EXCLUSIVE")
        self.other.execute("UPDATE instances SET project = project")
        config = self.write("replmond.yaml", config_for(self.simulator, ONE))
        self.held = self.start("held", DAEMON, f"--config.file={config}", f"--state.path={self.path}",
                               "--web.listen-address=127.0.0.1:0")
        lock = self.path.with_name("state.db-lock")
        wait_for(lambda: lock.read_text().strip() == str(self.held.process.pid), "the start to reach the file")
        self.assertIsNone(self.held.process.poll())

    def release(self):
        self.other.execute("ROLLBACK")
        self.other.close()

    def test_hangup_before_it_serves_does_not_end_it(self):
        for _ in range(3):
            self.held.process.send_signal(signal.SIGHUP)
        self.release()
        self.known_url(self.held)
        self.held.wait_for_line("event=config_loaded.* reconnected=0")
        self.assertEqual(http(self.held.url + "/-/healthy")[0], 200)
        self.end(self.held)

    def ends_gracefully(self, number):
        self.held.process.send_signal(number)
        self.release()
        self.assertEqual(self.held.process.wait(timeout=10), 0)
        self.assertEqual(self.held.errors(), "")
        self.assertEqual(len(self.held.lines(f"event=stopping .*signal={number.name}")), 1)
        self.assertEqual(self.shown()[:len(self.before)], self.before)

    def test_termination_before_it_serves_is_a_graceful_one(self):
        self.ends_gracefully(signal.SIGTERM)

    def test_interruption_before_it_serves_is_a_graceful_one(self):
        self.ends_gracefully(signal.SIGINT)


class WhileStopping(test_state_trouble.Unread):
    def test_hangup_does_not_end_it(self):
        run = self.begin_stuck()
        run.process.send_signal(signal.SIGTERM)
        wait_for(lambda: run.process.send_signal(signal.SIGHUP) or run.process.poll() is not None, "its end")
        self.assertEqual(run.process.returncode, 1)  # it says what was not printed

    def test_a_second_termination_ends_it_at_once(self):
        run = self.begin_stuck()
        run.process.send_signal(signal.SIGTERM)
        wait_for(lambda: run.process.send_signal(signal.SIGTERM) or run.process.poll() is not None, "its end")
        self.assertEqual(run.process.returncode, -signal.SIGTERM)


class Leftover(test_state.Restarts):
    def test_what_another_program_kept_it_from_storing_is_said(self):
        run = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(run, "orders", 1)
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.set_task("first", stage="incremental", percentage=100)
        run.wait_for_line("event=state_write_failed")
        run.wait_for_line("event=stage_transition .*task=first")
        self.assertEqual(run.stop(within=5), 1)
        said = re.fullmatch(r"replmond: stopped with (\d+) events and (\d+) states not stored, (\d+) lines not printed\n",
                            run.errors())
        self.assertTrue(said, run.errors())
        self.assertEqual(said.group(1), "1")
        self.assertGreaterEqual(int(said.group(2)), 1)
        other.execute("ROLLBACK")

        again = self.begin(config_for(self.simulator, ONE))  # the net change
        again.wait_for_line("event=stage_transition .*task=first")
        self.end(again)

    def check_nothing_is_lost(self, damage, said):
        """The file is hurt by `damage` while replmond runs, which says so once, and all that comes is in the next file."""
        run = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(run, "orders", 1)
        damage()
        self.set_task("first", stage="incremental", percentage=100)
        self.assertRegex(run.wait_for_line("event=state_set_aside"), said)
        run.wait_for_line("event=stage_transition .*task=first")
        self.set_task("second", stage="paused")
        run.wait_for_line("event=stage_transition .*task=second")
        before = self.replication(run)
        self.end(run)
        self.assertEqual([(e["event"], e.get("task")) for e in self.shown("--limit=1000")], self.events_of(run))
        self.assertEqual(len(run.lines("event=state_set_aside")), 1)
        self.fault(hang=True)
        again = self.begin(config_for(self.simulator, ONE))
        self.assertEqual(self.replication(again), before)

    def copies_set_aside(self):
        return len(list(self.folder.glob("state.db.corrupt-*Z")))

    def test_damage_that_shows_while_it_runs_loses_nothing(self):
        def drop_events():
            with contextlib.closing(sqlite3.connect(self.path)) as file, file:
                file.execute("DROP TABLE events")

        self.check_nothing_is_lost(drop_events, "level=ERROR ")
        self.assertEqual(self.copies_set_aside(), 1)

    def test_a_file_that_is_removed_while_it_runs_is_begun_anew(self):
        self.check_nothing_is_lost(self.path.unlink, 'level=ERROR msg="the state file was removed; replmond began a new one" .*error="it was removed"$')
        self.assertEqual(self.copies_set_aside(), 0)

    def test_no_stdout_at_all(self):
        """The first file that is opened must not become stdout."""
        config = self.write("replmond.yaml", config_for(self.simulator, ONE))
        errors = self.folder / "errors"
        with open(errors, "wb") as err:
            closed = subprocess.Popen([DAEMON, f"--config.file={config}", f"--state.path={self.path}", "--web.listen-address=127.0.0.1:0"],
                                      stdin=subprocess.DEVNULL, stderr=err, preexec_fn=lambda: os.close(1))
        self.addCleanup(closed.kill)
        wait_for(lambda: len(self.polls_of_the_cloud()) >= 2, "polls")
        self.assertEqual(os.readlink(f"/proc/{closed.pid}/fd/1"), "/dev/null")
        lock = self.path.with_name("state.db-lock")
        self.assertEqual(lock.read_text().strip(), str(closed.pid))
        closed.terminate()
        self.assertEqual(closed.wait(timeout=30), 0)
        self.assertEqual(errors.read_text(), "replmond: stdout is closed: what is printed there is lost\n")
        self.assertIn("task_discovered", [e["event"] for e in self.shown()])

    def polls_of_the_cloud(self):
        return self.requests(self.simulator, "list")


@needs_shared_libraries
@unittest.skipUnless(shutil.which("c++"), "needs a C++ compiler")
class AnErrorThatNobodyHandled(test_state.Restarts):
    def test_it_ends_at_once(self):
        preloaded = self.folder / "broken.so"
        subprocess.run(["c++", "-shared", "-fPIC", "-O1", "-o", preloaded, ROOT / "tests/e2e/broken.cpp", "-ldl"],
                       check=True)
        systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(systemd.close)
        systemd.bind(str(self.folder / "notify"))
        broken = self.folder / "broken"
        path = self.write("replmond.yaml", config_for(self.simulator, ONE, interval="1h"))
        run = self.start("broken", DAEMON, f"--config.file={path}", f"--state.path={self.path}",
                         "--web.listen-address=127.0.0.1:0",
                         env={"LD_PRELOAD": str(preloaded), "TEST_BROKEN": str(broken), "WATCHDOG_USEC": "400000",
                              "NOTIFY_SOCKET": str(self.folder / "notify")})
        self.known_url(run)
        run.wait_for_line("event=task_discovered .*task=second")
        broken.touch()
        # The next poll is an hour away: nothing but the error ends it.
        self.assertEqual(run.process.wait(timeout=20), 1)
        self.assertEqual(run.errors(), "replmond: ended by an error: a bug\n")
        self.assertEqual([(e["event"], e.get("task")) for e in self.shown()], self.events_of(run))


if __name__ == "__main__":
    unittest.main()
