"""The packages, in a clean tree under a booted systemd; /root/packages holds a build (1) and a newer one (2).

In alphabetical order: each class boots a machine of its own.
"""

import unittest

import test_unit
from machine import wait_for


def install(machine, number, *names):
    """As `apt install ./replmond_….deb` does; what they depend on is there."""
    machine.run("sh", "-c", "dpkg --install " + " ".join(f"/root/packages/{number}/{name}_*.deb" for name in names))


class PackageLife(test_unit.UnderSystemd):
    @classmethod
    def install(cls):
        install(cls.machine, 1, "replmond-simulator")

    def setUp(self):
        install(self.machine, 1, "replmond")
        super().setUp()

    def test_installed_upgraded_removed_purged(self):
        self.assertEqual(self.unit_is(), ("enabled", "active"))
        self.assertIn("replmond_build_info{", self.metrics())
        self.check_watched()
        self.check_upgrade()
        self.check_the_administrator_s_word_holds()
        self.check_remove_and_return()
        self.check_purge()

    def check_watched(self):
        self.start_cloud()
        self.configure()
        self.configure("replmond@.service")
        self.machine.write("/etc/default/replmond-0-2", "REPLMOND_LISTEN=:10940\n")
        self.machine.run("systemctl", "restart", "replmond", "replmond@0-2")
        wait_for(lambda: len(self.events()) > 50, self.journal)

    def check_upgrade(self):
        before = self.events()
        processes = self.processes()
        install(self.machine, 2, "replmond")
        wait_for(lambda: not set(processes) & set(self.processes()), lambda: f"two restarts:\n{self.journal()}")
        self.assertEqual(self.unit_is(), ("enabled", "active"))
        self.assertEqual(self.show("ActiveState", "replmond@0-2.service"), "active")
        self.assertRegex(self.machine.output("dpkg-query", "-W", "replmond"), "-2~")
        self.assertIn("127.0.0.1:18080", self.machine.output("cat", "/etc/replmond/replmond.yaml"))
        self.assertEqual(self.events()[:len(before)], before)
        self.wait_for_metric("^starrocks_replication_tasks.* 2$")

    def check_the_administrator_s_word_holds(self):
        self.machine.run("systemctl", "disable", "--now", "replmond")
        install(self.machine, 1, "replmond")
        self.assertEqual(self.unit_is(), ("disabled", "inactive"))
        self.machine.run("systemctl", "enable", "--now", "replmond")

    def check_remove_and_return(self):
        before = self.events()
        self.machine.run("dpkg", "--remove", "replmond")
        self.assertEqual(self.machine.run("pgrep", "-x", "replmond", check=False).stdout, "")
        self.machine.run("test", "-s", "/var/lib/private/replmond/state.db")
        self.machine.run("test", "-s", "/etc/replmond/replmond.yaml")
        install(self.machine, 2, "replmond")
        self.assertEqual(self.unit_is(), ("enabled", "active"))
        self.assertEqual(self.events()[:len(before)], before)

    def check_purge(self):
        self.machine.run("sh", "-c", "rm -rf /etc/systemd/system/replmond*.d /etc/default/replmond-* /etc/replmond/token")
        self.machine.run("dpkg", "--purge", "replmond", "replmond-simulator")
        left = self.machine.output("find", "/", "-xdev", "-path", "/root", "-prune", "-o", "-name", "*replmond*", "-print")
        self.assertEqual(left, "")
        failed = self.machine.output("systemctl", "--failed", "--plain", "--no-legend")
        self.assertNotIn("replmond", failed)

    def put_back(self):
        """It is all gone."""

    def unit_is(self):
        enabled = self.machine.run("systemctl", "is-enabled", "replmond", check=False).stdout.strip()
        return enabled, self.show("ActiveState")

    def processes(self):
        return [self.show("MainPID", unit) for unit in ("replmond.service", "replmond@0-2.service")]

    def events(self):
        """Oldest first, however many."""
        return sorted(super().events(), key=lambda event: event["event_id"])


class PackagedUnit(test_unit.Unit):
    @classmethod
    def install(cls):
        install(cls.machine, 1, "replmond", "replmond-simulator")


if __name__ == "__main__":
    unittest.main()
