"""Real MariaDB servers as the two ends of a replication, and a copier that lags as it is told."""

import atexit
import fcntl
import functools
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from prometheus_support import free_port
from support import wait_for

needs_mariadb = unittest.skipUnless(shutil.which("mariadbd") and shutil.which("mariadb"), "mariadb-server is not installed")
OPENSSL = ["openssl"]


@functools.lru_cache
def template():
    """A data directory that every server gets a copy of, made once a process: that takes seconds."""
    folder = tempfile.mkdtemp(prefix="replmond-mariadb-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open(pathlib.Path(tempfile.gettempdir()) / "replmond-mariadb.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at a time sometimes fail, with "Unknown table 'mysql.tmp_user_sys'"
        made = subprocess.run(["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", f"--datadir={folder}/data",
                               "--skip-test-db", "--user=root"], capture_output=True, text=True)
    if made.returncode != 0:
        raise RuntimeError(f"mariadb-install-db: {made.stdout}{made.stderr}")
    return f"{folder}/data"


def make_certificates(folder, host_alternatives="IP:127.0.0.1,DNS:localhost", days="2"):
    """A CA and a server's certificate; the paths of (CA, certificate, key)."""
    folder.mkdir()
    run = lambda *arguments: subprocess.run([*OPENSSL, *arguments], check=True, capture_output=True, cwd=folder)  # noqa: E731
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test CA")
    run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    (folder / "san").write_text(f"subjectAltName={host_alternatives}\n")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem", "-days", days, "-extfile", "san")
    return folder / "ca.pem", folder / "server.pem", folder / "server.key"


class MariaDB:
    """One server with a data directory of its own."""

    def __init__(self, test, name, *options):
        self.test = test
        self.name = name
        self.folder = test.folder / name
        self.options = options
        self.port = free_port()
        self.socket = f"{self.folder}/s"
        shutil.copytree(template(), self.folder)
        self.start()

    def start(self):
        self.program = self.test.start(f"{self.name}-server", "mariadbd", "--no-defaults", f"--datadir={self.folder}", f"--socket={self.socket}",
                                       f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve", "--user=root",
                                       "--innodb-flush-method=fsync", "--innodb-buffer-pool-size=8M", *self.options)
        wait_for(self.answers, f"{self.name}: {self.program.errors()[-2000:]}")

    def answers(self):
        return pathlib.Path(self.socket).exists() and self.client("SELECT 1", check=False).returncode == 0

    def client(self, statements, check=True):
        return subprocess.run(["mariadb", "--no-defaults", "--user=root", f"--socket={self.socket}", "--skip-ssl"], input=statements,
                              capture_output=True, text=True, check=check, timeout=60)

    def signal(self, number):
        self.program.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.program.process.wait()


class Copier(threading.Thread):
    """Writes the time into TaurusDB, and the same time less a lag into StarRocks, five times a second."""

    def __init__(self, test, source, target, tables, lag=0.0):
        super().__init__(daemon=True)
        self.lag = lag
        self.stopped = threading.Event()
        self.tables = tables
        self.pipes = [subprocess.Popen(["mariadb", "--no-defaults", "--user=root", f"--socket={server.socket}", "--skip-ssl", "--unbuffered"],
                                       stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
                      for server in (source, target)]
        test.addCleanup(self.stop)
        self.start()

    def run(self):
        while not self.stopped.wait(0.2):
            now = time.time()
            for pipe, moment, table in zip(self.pipes, (now, now - self.lag), self.tables):
                try:
                    pipe.stdin.write(f"REPLACE INTO {table} (id, ts) VALUES (1, {int(moment * 1e6)});\n")
                    pipe.stdin.flush()
                except OSError:
                    pass  # the server was stopped by the test

    def stop(self):
        self.stopped.set()
        self.join()
        for pipe in self.pipes:
            pipe.kill()
            pipe.wait()
            try:
                pipe.stdin.close()
            except OSError:
                pass
