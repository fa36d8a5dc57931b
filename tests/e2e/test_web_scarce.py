"""What the web server does where the system gives it no thread or no memory: one request fails, nothing else."""

import shutil
import subprocess
import unittest

from support import EndToEnd, ROOT, config_for, http, needs_shared_libraries
from test_web_config import ORDERS, STILL, basic, hash_of


@needs_shared_libraries
@unittest.skipUnless(shutil.which("c++"), "needs a C++ compiler")
class WebScarce(EndToEnd):
    def start_scarce(self, web):
        preloaded = self.folder / "scarce.so"
        subprocess.run(["c++", "-shared", "-fPIC", "-O1", "-o", preloaded, ROOT / "tests/e2e/scarce.cpp", "-ldl"],
                       check=True)
        self.scarce = self.folder / "scarce"
        self.scarce.mkdir()
        simulator = self.start_simulator(STILL)
        self.daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, "")]),
                                        f"--web.config.file={self.write('web.yml', web)}",
                                        env={"LD_PRELOAD": str(preloaded), "TEST_SCARCE": str(self.scarce)})

    def get(self, path="/-/healthy", headers=None):
        status, _, text = http(self.daemon.url + path, headers=headers)
        return status, text

    def failed_requests(self):
        return self.samples(self.daemon, 'http_requests_total.*code="50')

    # One request ended the process.
    @unittest.skipUnless(shutil.which("htpasswd"), "the package apache2-utils is not installed")
    def test_no_thread_for_the_first_password(self):
        self.start_scarce(f"basic_auth_users: {{alice: '{hash_of('wonder')}'}}\n")
        alice = basic("alice", "wonder")
        (self.scarce / "threads").touch()
        for _ in range(3):
            self.assertEqual(self.get(headers=alice),
                             (503, "no password can be checked now: the system starts no thread for it\n"))
        (self.scarce / "threads").unlink()
        self.assertEqual(self.get(headers=alice), (200, "replmond is healthy\n"))
        counted = self.get("/metrics", headers=alice)[1]
        self.assertIn('replmond_http_requests_total{code="503",handler="refused"} 3\n', counted)

    def test_no_memory_for_a_page(self):
        self.start_scarce("")
        self.wait_for_polls(self.daemon, "orders", 1)
        (self.scarce / "memory").touch()
        for _ in range(5):
            self.assertEqual(self.get("/"), (500, "internal error\n"))
        (self.scarce / "memory").unlink()
        self.assertEqual(self.get("/")[0], 200)
        self.assertEqual(self.failed_requests(), {'replmond_http_requests_total{code="500",handler="/"}': "5"})
        lines = self.daemon.lines("event=http_failed")
        self.assertEqual(len(lines), 1, "one a minute")
        self.assertRegex(lines[0], r'level=ERROR msg="an error in replmond itself ended a request to its web server" event=http_failed handler=/ '
                                   r'error_msg=std::bad_alloc failures=1$')


if __name__ == "__main__":
    unittest.main()
