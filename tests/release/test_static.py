"""The static binary in other roots: it starts, resolves, trusts, polls, remembers and is scraped where nothing of its own system is.

REPLMOND_STATIC names the folder with the programs; REPLMOND_ROOTS one with a root a distribution (their names are the
folders'), beside the empty one; REPLMOND_EMULATOR the emulator for programs of another architecture, a static binary."""

import os
import pathlib
import struct
import unittest
from urllib.parse import urlsplit

from names_and_trust import NameServer, TlsFront
from roots import HERE, InRoot, why_not
from support import PROJECT_ID, http, wait_for

PROGRAMS = pathlib.Path(os.environ.get("REPLMOND_STATIC", "build/static")).resolve()
ROOTS = pathlib.Path(os.environ["REPLMOND_ROOTS"]).resolve() if "REPLMOND_ROOTS" in os.environ else None
EMULATOR = os.environ.get("REPLMOND_EMULATOR")

# Where distributions have the certificates that they trust.
TRUST_STORES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
                "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"]
SCENARIO = """
tokens: [release-token]
projects: [PROJECT]
instances:
  - {id: 00000000000000000000000000000001in17, tasks: [{name: orders, timeline: [{stage: incremental}]}]}
""".replace("PROJECT", PROJECT_ID)
STATUS = 'starrocks_replication_status{project="demo",starrocks_instance="i",task="orders"}'
ENDED = 'replmond_polls_total{project="demo",starrocks_instance="i",result="%s"}'


def roots():
    """Name and folder of each root; None for the empty one."""
    yield "empty", None
    if ROOTS:
        for folder in sorted(ROOTS.iterdir()):
            yield folder.name, folder


@unittest.skipIf(why_not(), why_not())
class StaticBinary(InRoot):
    def setUp(self):
        super().setUp()
        self.put("/usr/bin/replmond", (PROGRAMS / "replmond").read_bytes(), 0o755)
        self.program = ["/usr/bin/replmond"]
        if EMULATOR:
            self.put("/usr/bin/emulator", pathlib.Path(EMULATOR).read_bytes(), 0o755)
            self.program = ["/usr/bin/emulator", *self.program]
        (self.folder / "files/tmp").mkdir()

    def cloud(self):
        simulator = self.start_simulator(SCENARIO)
        return simulator, ("127.0.0.1", urlsplit(simulator.url).port)

    def configure(self, endpoint):
        self.put("/etc/replmond/replmond.yaml", f"""
poll: {{interval: 1s, timeout: 10s}}
state: {{path: /var/lib/replmond/state.db}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {endpoint}
    rate_limit: 100000/5m
    auth: {{type: token, token: release-token}}
instances:
  - {{name: i, id: 00000000000000000000000000000001in17, project: demo}}
""")

    def daemon(self, **how):
        daemon = self.start_there(*self.program, "--web.listen-address=127.0.0.1:0", **how)
        self.known_url(daemon)
        return daemon

    def forget(self):
        for file in (self.folder / "state").iterdir():
            file.unlink()

    def in_each_root(self, check):
        """`check(name of the root)` with each root below the files of the test."""
        for name, folder in roots():
            self.lower = folder or self.folder / "empty"
            with self.subTest(root=name):
                self.forget()
                check(name)

    def test_says_that_it_is_static(self):
        said = self.run_there(*self.program, "--version")
        self.assertRegex(said.stdout, r"\Areplmond \d+\.\d+\.\d+ \(revision \w+, GNU [\d.]+, static\)\n\Z", said.stderr)

    def test_is_small_and_fits_every_page_size(self):
        data = (PROGRAMS / "replmond").read_bytes()
        if b".debug_line" not in data:  # stripped, as it is released
            self.assertLess(len(data), 16_000_000)
        offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
        machine = struct.unpack_from("<H", data, 18)[0]
        kinds = [struct.unpack_from("<IIQQQQQQ", data, offset + number * size) for number in range(count)]
        loaded = [segment for segment in kinds if segment[0] == 1]
        self.assertFalse([segment for segment in kinds if segment[0] == 3], "it asks for an interpreter")
        if machine == 183:  # arm64: kernels with pages of 64 KiB
            self.assertEqual({segment[7] % 65536 for segment in loaded}, {0})

    def test_watches_and_is_scraped_and_ends(self):
        _, address = self.cloud()
        self.configure("http://%s:%d" % address)

        def check(_):
            daemon = self.daemon()
            self.wait_for_sample(daemon, STATUS, "1")
            self.assertEqual(http(daemon.url + "/")[0], 200)
            self.assertIn("orders", http(daemon.url + "/api/v1/tasks")[2])
            self.assertIsNotNone(self.sample(daemon, "process_resident_memory_bytes"))
            self.assertEqual(daemon.stop(), 0)

        self.in_each_root(check)

    def test_remembers(self):
        _, address = self.cloud()
        self.configure("http://%s:%d" % address)
        daemon = self.daemon()
        self.wait_for_sample(daemon, STATUS, "1")
        before = self.sample(daemon, STATUS.replace("_status{", "_stage_changed_timestamp_seconds{"))
        self.assertEqual(daemon.stop(), 0)
        again = self.daemon(name="again")
        self.assertEqual(self.sample(again, STATUS.replace("_status{", "_stage_changed_timestamp_seconds{")), before)
        events = self.run_there(*self.program, "events", "--output=json")
        self.assertIn("task_discovered", events.stdout, events.stderr)

    def names(self, *known):
        server = NameServer(*known)
        self.addCleanup(server.close)
        return server

    def test_finds_names_in_files_and_by_dns_whatever_nsswitch_says(self):
        _, (_, port) = self.cloud()
        server = self.names("by-dns.test")
        self.put("/etc/hosts", "127.0.0.1 localhost by-file.test\n")
        self.put("/etc/resolv.conf", f"nameserver {server.ADDRESS}\noptions timeout:1 attempts:1\n")
        # Modules that a static program must not load: those of the distribution's own C library.
        self.put("/etc/nsswitch.conf", "passwd: files sss systemd\nhosts: mymachines resolve [!UNAVAIL=return] files myhostname mdns4 dns\n")
        for host in ("by-file.test", "by-dns.test"):
            self.configure(f"http://{host}:{port}\n    insecure_http: true")

            def check(_):
                daemon = self.daemon()
                wait_for(lambda: self.sample(daemon, STATUS) == "1", lambda: f"a poll of {host}:\n{daemon.output()}{daemon.errors()}")
                self.assertEqual(daemon.stop(), 0)

            self.in_each_root(check)
        self.assertIn("by-dns.test", server.asked)
        self.assertNotIn("by-file.test", server.asked)

    def front(self):
        _, address = self.cloud()
        front = TlsFront(self.folder, "cloud.test", address)
        self.addCleanup(front.close)
        self.put("/etc/hosts", "127.0.0.1 localhost cloud.test\n")
        self.configure(f"https://cloud.test:{front.port}")
        return front

    def watch(self, **how):
        """Whether a daemon that remembers nothing can poll."""
        self.forget()
        daemon = self.daemon(**how)
        wait_for(lambda: self.sample(daemon, STATUS) == "1" or self.sample(daemon, ENDED % "tls") not in (None, "0"),
                 lambda: f"a poll:\n{daemon.output()}{daemon.errors()}")
        trusted = self.sample(daemon, STATUS) == "1"
        self.assertEqual(daemon.stop(), 0)
        return trusted

    def test_trusts_the_authorities_of_each_distribution(self):
        authority = self.front().authority.read_bytes()
        self.assertFalse(self.watch(), "trusted without any authority")
        for place in TRUST_STORES:
            with self.subTest(place=place):
                file = self.put(place, authority)
                self.assertTrue(self.watch())
                file.unlink()
        # What the administrator says comes before all of them.
        self.put("/mine.pem", authority)
        other = self.folder / "other"
        other.mkdir()
        self.put(TRUST_STORES[0], TlsFront(other, "other.test", ("127.0.0.1", 1)).authority.read_bytes())
        self.assertFalse(self.watch())
        self.assertTrue(self.watch(environment=["SSL_CERT_FILE=/mine.pem"]))

    def test_takes_nothing_of_the_systems_openssl(self):
        self.put(TRUST_STORES[0], self.front().authority.read_bytes())
        foreign = "openssl_conf = init\n[init]\nengines = engines\nproviders = providers\n[engines]\nx = x\n[x]\ndynamic_path = /usr/lib/engines/x.so\n" \
                  "default_algorithms = ALL\n[providers]\nfips = fips\n[fips]\nactivate = 1\nmodule = /usr/lib/ossl-modules/fips.so\n"
        for place in ("/usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"):
            self.put(place, foreign)

        def check(_):
            self.assertTrue(self.watch())
            self.assertTrue(self.watch(environment=["OPENSSL_CONF=/etc/ssl/openssl.cnf"]))

        self.in_each_root(check)

    @unittest.skipIf(EMULATOR, "the emulator needs clone3 itself")
    def test_starts_threads_where_clone3_is_forbidden(self):
        _, (_, port) = self.cloud()
        self.put("/etc/hosts", "127.0.0.1 localhost cloud.test\n")
        self.configure(f"http://cloud.test:{port}\n    insecure_http: true")  # a lookup and the state file have threads
        daemon = self.daemon(around=["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "/usr/bin/python3", str(HERE / "without_clone3.py")])
        self.wait_for_sample(daemon, STATUS, "1")
        self.assertGreaterEqual(int(self.sample(daemon, "process_threads")), 3)
        self.assertEqual(daemon.stop(), 0)
        self.assertTrue((self.folder / "state/state.db").stat().st_size > 0)


if __name__ == "__main__":
    unittest.main()
