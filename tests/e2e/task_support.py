"""What the tests of `replmond task …` have in common: one cloud, the commands, and a terminal for them."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from support import DAEMON, NO_REPAIR, PATIENCE, PROJECT_ID, ROOT, EndToEnd, config_for, goes_unsaid, http

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"
SOURCE = "0123456789abcdef0123456789abcdefin07"
BOTH = [("orders", ORDERS, ""), ("billing", BILLING, "")]

CHANGING = {"create", "pause", "resume", "delete"}


def cloud(tasks, more=""):
    """A scenario with the tasks on `orders` and one on `billing`."""
    listed = "\n".join(f"      - {task}" for task in tasks)
    return f"""
tokens: [e2e-secret-token]
keys: [{{access: ACCESSKEY, secret: SECRETKEY}}]
projects: [{PROJECT_ID}]
taurusdb:
  - {{id: {SOURCE}, name: shop, htap: [{ORDERS}, {BILLING}]}}
instances:
  - name: orders
    id: {ORDERS}
    max_page: 2
    tasks:
{listed}
  - name: billing
    id: {BILLING}
    tasks:
      - {{name: ledger, timeline: [{{stage: incremental}}]}}
{more}
"""


class Terminal:
    """A child process on a pseudo-terminal of so many columns."""

    def __init__(self, arguments, columns, env):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            # Until the size is set, the width is that of the environment.
            os.execvpe(arguments[0], arguments, {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), **env})
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        self.text = ""

    def read(self, until=None):
        """Reads to its end, or until the text so far matches."""
        deadline = time.monotonic() + PATIENCE
        while until is None or not re.search(until, self.text):
            if not select.select([self.descriptor], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"nothing like {until!r} in time; it printed:\n{self.text!r}")
            try:
                data = os.read(self.descriptor, 65536)
            except OSError:  # the child has closed it
                data = b""
            if not data:
                if until is None:
                    return self.text
                raise AssertionError(f"it ended without {until!r}:\n{self.text!r}")
            self.text += data.decode()
        return self.text

    def press_control_c(self):
        os.write(self.descriptor, b"\x03")

    def wait(self):
        self.read()
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class TaskTest(EndToEnd):
    def start_cloud(self, tasks, speed=1, instances=BOTH, **config):
        self.simulator = self.start_simulator(cloud(tasks), speed=speed)
        self.configure(config_for(self.simulator, instances, **config))
        return self.simulator

    def configure(self, text):
        self.config = self.write("replmond.yaml", text)

    def command(self, *arguments):
        return [str(DAEMON), "task", arguments[0], f"--config.file={self.config}", *arguments[1:]]

    def task(self, *arguments, env=None):
        """Runs the command to its end."""
        return subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PATIENCE * 2, env={**os.environ, **(env or {})})

    def start_task(self, *arguments):
        command = self.command(*arguments)
        return self.start("task", *command)

    def terminal(self, *arguments, columns=120, env=None):
        return Terminal(self.command(*arguments), columns, env or {})

    def terminal_text(self, *arguments, **more):
        """All that it printed on a terminal."""
        terminal = self.terminal(*arguments, **more)
        terminal.wait()
        return terminal.text

    def create_arguments(self, name, source=None, target=None):
        return ["create", "--instance=orders", f"--source-instance-id={SOURCE}",
                f"--source-database={source or name}", f"--target-database={target or name}", f"--task-name={name}"]

    def control(self, path, **body):
        status, _, text = http(f"{self.simulator.url}/_control/{path}", "POST", body)
        self.assertEqual(status, 200, text)

    def changing_requests(self):
        return [r for r in self.requests(self.simulator) if r["operation"] in CHANGING]

    def check(self, done, code, out=None, err=None):
        """The exit code, and a pattern that each stream matches whole; None: it is empty."""
        told = f"it printed:\n{done.stdout}\nand:\n{done.stderr}"
        self.assertEqual(done.returncode, code, told)
        for text, pattern in ((done.stdout, out), (done.stderr, err)):
            self.assertRegex(text, re.compile(r"\A" + (pattern or "") + r"\Z", re.DOTALL), told)

    def check_golden(self, name, actual):
        """Where the clouds of this run leave out what goes without saying, so must the golden."""
        golden = ROOT / "tests/data/e2e" / name
        if os.environ.get("REPLMOND_UPDATE_GOLDENS"):
            golden.write_text(actual)
        expected = golden.read_text()
        if name.endswith(".json"):
            unsaid = {key: usual for key, usual, field in (("main_task", True, "is_main_task"), ("needs_repair", False, "is_need_repair"))
                      if goes_unsaid(field)}
            say = lambda task: {key: value for key, value in task.items() if (key, value) not in unsaid.items()}  # noqa: E731
            told = json.loads(expected)
            expected = json.dumps([say(task) for task in told] if isinstance(told, list) else say(told), indent=2, ensure_ascii=False) + "\n"
        else:
            expected = re.sub("no$", NO_REPAIR, expected, flags=re.M)
        self.assertEqual(actual, expected)

    @staticmethod
    def interrupt(process):
        process.send_signal(signal.SIGINT)
