"""A fleet in the simulated cloud and a daemon that watches it, for measurements."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECT_ID = "0123456789abcdef0123456789abcdef"
CORES = sorted(os.sched_getaffinity(0))


def identifier(number):
    return f"{number:032x}in17"


def address(number):
    """Of an instance's database; Linux has all of 127.0.0.0/8."""
    return f"127.10.{number // 250}.{number % 250 + 1}"


def fetch(url, method="GET", body=None, patience=120):
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method), timeout=patience) as answer:
        return answer.read().decode()


def processor_ns(pid):
    """The process's own clock (clock_getcpuclockid(3): the id is made of the process's)."""
    return time.clock_gettime_ns((~pid << 3) | 2)


class Child:
    """A process with its output in a file; what it costs is read from the kernel."""

    def __init__(self, folder, name, command, ready=r"127\.0\.0\.1:\d+", env=None, cores=None):
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            env=env, preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None)
        self.pid = self.process.pid
        self.address = self._await(ready)

    def _await(self, ready, patience=120):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(ready, self.log.read_text())
            if found:
                return found.group()
            time.sleep(0.02)
        raise SystemExit(f"{self.log.stem} did not start: {self.log.read_text()[:2000]}")

    def processor_ns(self):
        """Processor time of all threads there are and were, in nanoseconds, user and kernel."""
        return processor_ns(self.pid)

    def memory(self, field="VmRSS"):
        """In bytes; VmHWM is the most ever."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) * 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def total(text, family, **labels):
    """The sum of a family's samples in a metrics page."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    lines = (line for line in text.splitlines() if line.startswith((family + "{", family + " ")))
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(part in line for part in wanted))


class Fleet:
    """`instances` StarRocks instances with `tasks` tasks each, polled every `interval`. `alone`: the daemon has one core,
    and everything else, this process as well, has the others. `lag`: how often the heartbeats of all tasks are read, from a
    database of each instance's own."""

    def __init__(self, build, instances, tasks, interval="1h", timeline="", flags=(), endpoint=None, project="", state=False, alone=False, lag=None):
        if alone and len(CORES) < 2:
            raise SystemExit("this machine has one core: a daemon cannot have one for itself")
        others = CORES[:-1] if alone else CORES
        os.sched_setaffinity(0, others)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="replmond-bench-"))
        self.children = []
        self.instances = instances
        self.tasks = tasks
        scenario = self.folder / "scenario.yaml"
        generated = f"generate: {{instances: {instances}, tasks: {tasks}, name: scale{timeline}}}\n"
        scenario.write_text(f"tokens: [bench-token]\nprojects: [{PROJECT_ID}]\n" + (self._with_databases() if lag else generated))
        self.cloud = self.add("simulator", [build / "replmond-simulator", "--listen-address=127.0.0.1:0", f"--scenario={scenario}",
                                            *(["--mysql-port=0"] if lag else [])], cores=others)
        listed = "".join(f"  - {{name: starrocks-{n:04}, id: {identifier(n)}{self._lag_of(n, lag)}}}\n" for n in range(1, instances + 1))
        where = endpoint(self) if endpoint else f"http://{self.cloud.address}"
        (self.folder / "replmond.yaml").write_text(f"""
poll: {{interval: {interval}, timeout: 30s, concurrency: 16}}
{"state: {path: " + str(self.folder / "state.db") + "}" if state else ""}
projects:
  - {{name: bench, region: ap-southeast-3, project_id: {PROJECT_ID}, endpoint: "{where}",
     rate_limit: 1000000/5m, auth: {{type: token, token: bench-token}}{project}}}
instances:
{listed}""")
        self.began = time.monotonic()
        self.daemon = self.add("replmond", [build / "replmond", f"--config.file={self.folder / 'replmond.yaml'}",
                                            "--web.listen-address=127.0.0.1:0", *flags], cores=CORES[-1:] if alone else CORES)
        self.url = f"http://{self.daemon.address}"

    def _with_databases(self):
        tasks = ", ".join(f"{{name: task_{t:03}, source_database: source_{t:03}, target_database: target_{t:03}, lag: 3s}}" for t in range(1, self.tasks + 1))
        return (f"mysql: {{user: bench, password: bench}}\ninstances:\n" +
                "".join(f"  - {{name: scale-{n:04}, id: {identifier(n)}, address: {address(n)}, tasks: [{tasks}]}}\n" for n in range(1, self.instances + 1)))

    def _lag_of(self, number, interval):
        if interval is None:
            return ""
        port = re.search(r"mysql://0\.0\.0\.0:(\d+)", self.cloud.log.read_text()).group(1)
        return f", lag: {{host: {address(number)}, port: {port}, user: bench, password: bench, tls: 'off', interval: {interval}}}"

    def add(self, name, command, **more):
        child = Child(self.folder, name, command, **more)
        self.children.append(child)
        return child

    def control(self, path, body):
        return fetch(f"http://{self.cloud.address}/_control/{path}", "POST", body)

    def await_polls(self, patience=180):
        """Until every instance was read once. Returns the seconds from the daemon's start."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                fetch(self.url + "/-/ready")
                return time.monotonic() - self.began
            except urllib.error.HTTPError:
                time.sleep(0.02)
        raise SystemExit("the daemon was not ready in time")

    def metrics(self):
        return fetch(self.url + "/metrics")

    def total(self, family, **labels):
        return total(self.metrics(), family, **labels)

    def scrape(self, packed, take=None):
        """One scrape on a connection of its own, which `take` is given piece by piece. (when it was asked for, seconds, bytes)"""
        connection = http.client.HTTPConnection(self.daemon.address, timeout=120)
        connection.connect()
        asked, began, size = time.time(), time.perf_counter(), 0
        connection.request("GET", "/metrics", headers={"Accept": "text/plain;version=0.0.4", "Accept-Encoding": "gzip" if packed else "identity"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"a scrape was answered with {answer.status}")
        while piece := answer.read1(1 << 20):
            size += len(piece)
            if take:
                take(piece)
        took = time.perf_counter() - began
        connection.close()
        return asked, took, size

    def close(self):
        for child in reversed(self.children):
            child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.sched_setaffinity(0, CORES)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
