"""The state file in trouble, and a stdout that nobody reads: what ends the start, and what never ends the daemon."""

import contextlib
import fcntl
import json
import os
import re
import sqlite3
import subprocess
import unittest

import crash_audit
from support import DAEMON, Program, config_for, http, wait_for
import test_state
from test_state import ONE, ORDERS

is_root = os.geteuid() == 0


class Trouble(test_state.Restarts):
    def small_disk(self, size="1m"):
        """A file system of its own at `disk`."""
        place = self.folder / "disk"
        place.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
        if mounted.returncode != 0:  # root of a container, say
            self.skipTest("may not mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "--lazy", place], check=True)
        return place

    def fill(self, place):
        with open(place / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(512))

    def refused(self, path):
        config = self.write("refused.yaml", "{}\n")
        done = subprocess.run([str(DAEMON), f"--config.file={config}", f"--state.path={path}",
                               "--web.listen-address=127.0.0.1:0"], capture_output=True, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"^replmond: state file {re.escape(str(path))}: [^\n]+\n$")
        return done.stderr


class AtTheStart(Trouble):
    def test_another_replmond_has_it(self):
        run = self.begin("{}\n")
        self.assertIn(f"is another replmond using it? (process {run.process.pid})", self.refused(self.path))
        self.assertEqual(http(run.url + "/-/healthy")[0], 200)
        self.end(run)
        self.end(self.begin("{}\n"))  # let go of

    def test_there_is_no_directory(self):
        self.assertIn("there is no directory", self.refused(self.folder / "nowhere" / "state.db"))
        self.assertFalse((self.folder / "nowhere").exists())

    def test_it_may_not_be_written(self):
        if is_root:
            place = self.small_disk()
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        else:
            place = self.folder / "disk"
            place.mkdir(mode=0o555)
        self.assertRegex(self.refused(place / "state.db"), "cannot write .*: (Read-only file system|Permission denied)")

    @unittest.skipUnless(is_root, "needs root, to mount a small disk")
    def test_the_disk_is_full(self):
        place = self.small_disk()
        self.fill(place)
        self.refused(place / "state.db")

    def test_a_newer_schema_is_left_alone(self):
        self.end(self.begin("{}\n"))
        with contextlib.closing(sqlite3.connect(self.path)) as file:
            file.execute("PRAGMA user_version = 99")
        before = self.path.read_bytes()
        self.assertIn("a newer replmond wrote it", self.refused(self.path))
        self.assertEqual(self.path.read_bytes(), before)

    def test_a_text_file_is_left_alone(self):
        path = self.write("notes.txt", "not a database\n")
        self.assertIn("text file", self.refused(path))
        self.assertEqual(path.read_text(), "not a database\n")

    def test_another_database_is_left_alone(self):
        with contextlib.closing(sqlite3.connect(self.path)) as file, file:
            file.execute("CREATE TABLE theirs (x)")
        before = self.path.read_bytes()
        self.refused(self.path)
        self.assertEqual(self.path.read_bytes(), before)

    def test_an_empty_file_is_set_aside(self):
        self.path.touch()
        run = self.begin("{}\n")
        self.assertIn(' error="it is empty"', run.wait_for_line("level=ERROR .*event=state_set_aside"))
        self.end(run)
        again = self.begin("{}\n")
        self.end(again)
        self.assertEqual(again.lines("set_aside"), [])

    def test_only_its_owner_can_read_it(self):
        self.addCleanup(os.umask, os.umask(0o022))
        first = self.begin("{}\n")
        self.assertEqual({oct(p.stat().st_mode & 0o777) for p in self.folder.glob("state.db*")}, {"0o600"})
        self.end(first)
        self.path.chmod(0o644)
        second = self.begin("{}\n")
        self.assertEqual({oct(p.stat().st_mode & 0o777) for p in self.folder.glob("state.db*")}, {"0o600"})
        self.end(second)

    def test_another_replmond_has_it_and_somebody_removed_the_lock(self):
        run = self.begin("{}\n")
        self.path.with_name("state.db-lock").unlink()
        self.assertIn("is another replmond using it?", self.refused(self.path))
        self.end(run)

    def test_a_damaged_file_is_set_aside(self):
        first = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(first, "orders", 1)
        self.end(first)
        whole = self.path.read_bytes()
        damaged = whole[:5000] + b"\xa5" * (len(whole) - 5000)
        self.path.write_bytes(damaged)

        second = self.begin(config_for(self.simulator, ONE))
        line = second.wait_for_line("event=state_set_aside")
        self.assertIn("level=ERROR ", line)
        self.assertEqual(len(second.lines("event=state_set_aside")), 1)
        aside = [p for p in self.folder.glob("state.db.corrupt-*") if not p.name.endswith(("-wal", "-shm"))]
        self.assertEqual([p.read_bytes()[5000:] for p in aside], [damaged[5000:]])
        self.assertIn(f"set_aside_as={aside[0]} ", line)
        self.wait_for_polls(second, "orders", 1)
        self.assertEqual(self.events_of(second), [("task_discovered", "first"), ("task_discovered", "second")])
        self.end(second)
        third = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(third, "orders", 1)
        self.assertEqual((self.events_of(third), third.lines("set_aside")), ([], []))


class WhileItRuns(Trouble):
    @unittest.skipUnless(is_root, "needs root, to mount a small disk")
    def test_a_full_disk_stops_nothing(self):
        place = self.small_disk()
        self.path = place / "state.db"
        first = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(first, "orders", 1)
        stored = self.shown()
        self.fill(place)
        for n in range(60):  # more than what has room in the log beside the file
            self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": f"more{n}", "add": True})
        wait_for(lambda: int(self.sample(first, "replmond_state_write_errors_total")) >= 2, "writes that fail")
        self.assertIn("level=ERROR ", first.wait_for_line("event=state_write_failed"))
        wait_for(lambda: len(first.lines("event=task_discovered .*task=more")) == 60, "the lines of all events")
        self.set_task("first", stage="incremental", percentage=100)
        first.wait_for_line("event=stage_transition")
        self.wait_for_sample(first, 'starrocks_replication_tasks{project="demo",starrocks_instance="orders"}', "62")
        self.assertEqual(len(self.served(first)), len(self.events_of(first)))
        self.assertEqual(len(first.lines("event=state_write_failed")), 1)
        self.assertEqual(self.shown(), stored)

        (place / "filler").unlink()
        first.wait_for_line("event=state_write_recovered")
        self.assertEqual(len(first.lines("event=state_write_failed")), 1)
        errors = self.sample(first, "replmond_state_write_errors_total")
        self.set_task("second", stage="paused")
        first.wait_for_line("event=stage_transition .*task=second")
        self.assertEqual(self.sample(first, "replmond_state_write_errors_total"), errors)
        before = self.replication(first)
        self.end(first)
        self.assertEqual([(e["event"], e.get("task")) for e in self.shown("--limit=1000")], self.events_of(first))

        self.fault(hang=True)
        second = self.begin(config_for(self.simulator, ONE))
        self.assertEqual(self.replication(second), before)

    @unittest.skipUnless(is_root, "needs root, to mount a small disk")
    def test_it_ends_with_a_full_disk(self):
        place = self.small_disk()
        self.path = place / "state.db"
        first = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(first, "orders", 1)
        self.fill(place)
        for n in range(60):
            self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": f"more{n}", "add": True})
        first.wait_for_line("event=state_write_failed")
        wait_for(lambda: len(first.lines("event=task_discovered .*task=more")) == 60, "the lines of all events")
        self.assertEqual(first.stop(), 1)
        self.assertRegex(first.errors(), r"^replmond: stopped with [1-9]\d* events and [1-9]\d* states not stored, "
                                         r"0 lines not printed\n$")
        (place / "filler").unlink()
        second = self.begin(config_for(self.simulator, ONE))  # reported again: nobody stored it
        wait_for(lambda: len(second.lines("event=task_discovered .*task=more")) == 60, "the net change")


class PipedProgram(Program):
    """A program whose stdout is a small pipe, read only when asked to."""

    def __init__(self, folder, name, *arguments):
        self.out_file = folder / f"{name}.out"
        self.err_file = folder / f"{name}.err"
        self.reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(self.reader, False)
        with open(self.err_file, "wb") as err:
            self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=writer,
                                            stderr=err)
        os.close(writer)
        self.out_file.touch()

    def read(self):
        """Takes what is there into the file that everybody looks at."""
        with contextlib.suppress(BlockingIOError), open(self.out_file, "ab") as out:
            while taken := os.read(self.reader, 65536):
                out.write(taken)
        return True

    def read_until(self, pattern, count=1):
        wait_for(lambda: self.read() and len(self.lines(pattern)) >= count, f"{count} lines like {pattern!r}")


class Unread(test_state.Restarts):
    TASKS = 100  # lines for several times the pipe

    def begin_stuck(self):
        """Nobody reads any more, and it has more to say than the pipe takes."""
        path = self.write("replmond.yaml", config_for(self.simulator, ONE))
        run = PipedProgram(self.folder, f"run{len(self.runs)}", DAEMON, f"--config.file={path}",
                           f"--state.path={self.path}", "--web.listen-address=127.0.0.1:0", "--log.format=json")
        self.runs.append(run)
        self.addCleanup(os.close, run.reader)
        self.addCleanup(self.kill, run)
        run.read_until('"event":"started"')
        run.url = "http://" + re.search(r"127\.0\.0\.1:\d+", run.lines('"event":"started"')[0]).group()
        for n in range(self.TASKS):
            self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": f"more{n}", "add": True})
        self.wait_for_sample(run, 'starrocks_replication_tasks{project="demo",starrocks_instance="orders"}',
                             str(self.TASKS + 2))
        wait_for(lambda: int(self.sample(run, "replmond_journal_waiting") or 0) > 0, "lines that wait")
        return run

    def printed(self, run):
        return [e for e in map(json.loads, run.lines()) if "event_id" in e]


class StuckStdout(Unread):
    def test_scrapes_and_polls_go_on_and_nothing_is_lost(self):
        run = self.begin_stuck()
        self.set_task("first", stage="incremental", percentage=100)
        stage = ('starrocks_replication_stage{project="demo",starrocks_instance="orders",task="first",'
                 'stage="incremental"}')
        self.wait_for_sample(run, stage, "1")
        self.set_task("first", stage="paused")
        self.wait_for_sample(run, stage, "0")
        self.assertEqual(self.served(run)[0]["event"], "stage_transition")
        run.read_until('"event":"stage_transition"', 2)
        self.assertEqual([e["event_id"] for e in self.printed(run)], list(range(1, self.TASKS + 5)))
        self.assertEqual(self.printed(run), self.shown("--limit=1000"))
        self.assertEqual(run.stop(within=10), 0)
        self.assertEqual(run.errors(), "")

    def test_it_can_be_stopped_and_the_next_run_says_the_rest(self):
        first = self.begin_stuck()
        self.set_task("first", stage="incremental", percentage=100)
        self.wait_for_sample(first, 'starrocks_replication_stage{project="demo",starrocks_instance="orders",'
                                    'task="first",stage="incremental"}', "1")
        self.assertEqual(first.stop(within=10), 1)
        said = re.fullmatch(r"replmond: stopped with 0 events and 0 states not stored, (\d+) lines not printed\n",
                            first.errors())
        self.assertTrue(said, first.errors())
        stored = self.shown("--limit=1000")
        self.assertEqual(stored[-1]["event"], "stage_transition")  # stored, though nobody has read of it
        first.read()
        # The one that says that it stops is no event.
        self.assertGreaterEqual(int(said.group(1)), len(stored) - len(self.printed(first)) + 1)
        second = self.begin(config_for(self.simulator, ONE), "--log.format=json")
        second.wait_for_line('"event":"stage_transition".*"task":"first".*"replayed":true')
        self.end(second)
        self.assertEqual(self.shown("--limit=1000"), stored)
        self.assertEqual(crash_audit.check_lines(stored, [self.printed(first), self.printed(second)]), [])
        self.assertEqual(sum(e["event"] == "task_discovered" for e in stored), self.TASKS + 2)
