"""What the daemon tells the service manager that started it (sd_notify)."""

import os
import pathlib
import re
import signal
import socket
import types
import unittest

from support import EndToEnd, PROJECT_ID, config_for, http, many, wait_for

SCENARIO = """
tokens: [e2e-secret-token]
projects: [{}]
instances:
  - name: orders
    id: "{}"
    tasks: [{{name: t, source_database: s, target_database: t, timeline: [{{stage: incremental}}]}}]
"""


class Manager:
    """The socket that systemd would have; `abstract`: under a name that is no file."""

    def __init__(self, folder, abstract=False):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"replmond-e2e-{os.getpid()}" if abstract else str(folder / "notify")
        self.socket.bind("\0" + name if abstract else name)
        self.socket.setblocking(False)
        self.env = {"NOTIFY_SOCKET": "@" + name if abstract else name}
        self.messages = []

    def read(self):
        """Everything that came so far."""
        while True:
            try:
                self.messages.append(self.socket.recv(65536).decode())
            except BlockingIOError:
                return self.messages

    def wait_for(self, pattern, after=0):
        return wait_for(lambda: next((m for m in self.read()[after:] if re.search(pattern, m)), None),
                        f"{pattern!r} among {self.messages[after:]}")


class ServiceTest(EndToEnd):
    def start_watched(self, abstract=False, env=None):
        manager = Manager(self.folder, abstract)
        self.addCleanup(manager.socket.close)
        identifier, = many(1)
        self.simulator = self.start_simulator(SCENARIO.format(PROJECT_ID, identifier))
        daemon = self.start_daemon(config_for(self.simulator, [("orders", identifier, "")]),
                                   "--web.enable-lifecycle", env={**manager.env, **(env or {})})
        return manager, daemon

    def test_sequence_of_a_life(self):
        manager, daemon = self.start_watched()
        manager.wait_for("^STATUS=watching 1 instance$")
        self.assertRegex(manager.messages[0], "^READY=1\nSTATUS=first round: 0 of 1 instance polled$")
        self.assertNotIn("WATCHDOG=1", manager.messages)

        before = len(manager.messages)
        self.reload(daemon)
        manager.wait_for("^READY=1", before)
        self.assertRegex(manager.messages[before], "^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*$")

        before = len(manager.messages)
        self.reload(daemon, "poll: nonsense", "config_reload_failed")
        manager.wait_for("^READY=1", before)
        self.assertIn("RELOADING=1", manager.messages[before])

        before = len(manager.messages)
        self.assertEqual(http(daemon.url + "/-/reload", "POST")[0], 500)
        manager.wait_for("^READY=1", before)

        self.control(self.simulator, "faults", {"instance": "*", "status": 404})
        manager.wait_for("^STATUS=watching 1 instance; 1 failing: orders; the new configuration was refused$")

        self.assertEqual(daemon.stop(), 0)
        manager.read()
        self.assertEqual(manager.messages[-1], "STOPPING=1\nSTATUS=stopping")

    def test_ready_never_waits_for_the_cloud(self):
        manager = Manager(self.folder)
        self.addCleanup(manager.socket.close)
        silent = socket.create_server(("127.0.0.1", 0))  # takes connections, never answers
        self.addCleanup(silent.close)
        cloud = types.SimpleNamespace(url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        self.start_daemon(config_for(cloud, [("orders", many(1)[0], "")], timeout="2m"), env=manager.env)
        manager.wait_for("^READY=1")
        self.assertIn("first round: 0 of 1", manager.messages[0])

    def test_watchdog_is_fed_unless_the_process_is_frozen(self):
        # Without WATCHDOG_PID it is any process's.
        manager, daemon = self.start_watched(abstract=True, env={"WATCHDOG_USEC": "200000"})
        manager.wait_for("^WATCHDOG=1$")
        after = len(manager.messages)
        manager.wait_for("^WATCHDOG=1$", after)

        daemon.process.send_signal(signal.SIGSTOP)
        status = pathlib.Path(f"/proc/{daemon.process.pid}/stat")
        wait_for(lambda: status.read_text().rpartition(")")[2].split()[0] == "T", "it to stop")
        after = len(manager.read())
        with self.assertRaises(AssertionError):
            wait_for(lambda: manager.read()[after:], "nothing", patience=0.6)
        daemon.process.send_signal(signal.SIGCONT)
        manager.wait_for("^WATCHDOG=1$", after)


if __name__ == "__main__":
    unittest.main()
