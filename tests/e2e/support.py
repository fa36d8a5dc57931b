"""Starts the real binaries on loopback and waits for conditions, never for time."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import documented_events

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("REPLMOND_BUILD", "build/release")
DAEMON = BUILD / "replmond"
SIMULATOR = BUILD / "replmond-simulator"
LIKE = os.environ.get("REPLMOND_LIKE")  # a report of `replmond doctor`: every simulated cloud is like the one that it describes

def is_static():
    done = subprocess.run([str(DAEMON), "--version"], capture_output=True, text=True)
    return "static" in done.stdout


# LD_PRELOAD puts a library of the test before the system's. A static binary has none of the system's.
needs_shared_libraries = unittest.skipIf(DAEMON.exists() and is_static(), "a static binary takes no LD_PRELOAD")

def described(part):
    """A part of what the report says of the list: `record` or `body`; nothing without a report."""
    if not LIKE:
        return {}
    [project] = json.loads(pathlib.Path(LIKE).read_text())["projects"]
    return project["calls"]["list"][part]


def goes_unsaid(field):
    """Whether the clouds of this run send null or nothing where a field of a record has its usual value."""
    return bool({"null", "absent"} & set(described("record").get(field, {}).get("types", {})))


def page_size_needed():
    """The page size that replmond needs for the clouds of this run; nothing where its default will do. With total_count of the page, it takes
    a first page that is shorter than asked for to be the whole list."""
    if not (SHORT_PAGES and TOTAL_OF_PAGE):
        return None
    [project] = json.loads(pathlib.Path(LIKE).read_text())["projects"]
    return max(page["records"] for one in project["lists"] for reading in one["readings"] for page in reading["pages"])


SHORT_PAGES = bool(LIKE) and '"short_pages": true' in pathlib.Path(LIKE).read_text()
TOTAL_OF_PAGE = bool(LIKE) and '"total_counts": "page"' in pathlib.Path(LIKE).read_text()
PAGE_SIZE = page_size_needed()

# What tells of a usual value, where it is sent; a report can describe a cloud that leaves it out.
NO_REPAIR = "-" if goes_unsaid("is_need_repair") else "no"
MAIN_TASK = "" if goes_unsaid("is_main_task") else " main_task=true"

PROJECT_ID = "0123456789abcdef0123456789abcdef"
PATIENCE = 30  # seconds: long enough that only a real hang fails
ROOMY = "rate_limit: 100000/5m"  # of a project that is polled every second


def wait_for(condition, what, patience=PATIENCE):
    """Returns the first true value of `condition()`, asked again and again. `what`: a text, or what makes one then."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out waiting for {what() if callable(what) else what}")
        time.sleep(0.02)


def http(url, method="GET", body=None, headers=None):
    """(status, headers, text) of a request; any status is fine."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


class Program:
    """A child process whose output goes to files that can be read while it runs."""

    def __init__(self, folder, name, *arguments, env=None):
        self.out_file = folder / f"{name}.out"
        self.err_file = folder / f"{name}.err"
        with open(self.out_file, "wb") as out, open(self.err_file, "wb") as err:
            self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, env={**os.environ, **(env or {})})

    def output(self):
        return self.out_file.read_text()

    def errors(self):
        return self.err_file.read_text()

    def lines(self, pattern=""):
        """Whole lines of its output that match."""
        text = self.output()
        return [line for line in text[: text.rfind("\n") + 1].splitlines() if re.search(pattern, line)]

    def wait_for_line(self, pattern):
        def found():
            if self.process.poll() is not None and not self.lines(pattern):
                raise AssertionError(f"{self.out_file.stem} ended with {self.process.returncode}: {self.errors()}")
            return self.lines(pattern)

        return wait_for(found, f"a line like {pattern!r} of {self.out_file.stem}; it printed:\n{self.output()}")[0]

    def stop(self, number=signal.SIGTERM, within=PATIENCE):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=within)


class EndToEnd(unittest.TestCase):
    """A folder of its own for each test, and every program ended with it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="replmond-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, name, *arguments, env=None):
        program = Program(self.folder, name, *arguments, env=env)
        self.addCleanup(self.check_log, program)  # after it was ended
        self.addCleanup(self.kill, program)
        return program

    def check_log(self, program):
        for file in (program.out_file, program.err_file):
            self.assertEqual(list(documented_events.wrong_lines(file.read_text(errors="replace"))), [])

    @staticmethod
    def kill(program):
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def start_simulator(self, scenario, speed=1, databases=False, like=None):
        """With `databases` it serves those of the scenario, at `mysql_port` of every address. `like`: a report to play back; without
        one, that of the whole run."""
        path = self.write("scenario.yaml", scenario)
        simulator = self.start("simulator", SIMULATOR, "--listen-address=127.0.0.1:0", f"--scenario={path}",
                               f"--speed={speed}", *(["--mysql-port=0"] if databases else []),
                               *([f"--like={like or LIKE}"] if like or LIKE else []))
        line = simulator.wait_for_line(r"127\.0\.0\.1:\d+")
        simulator.url = "http://" + re.search(r"127\.0\.0\.1:\d+", line).group()
        if databases:
            simulator.mysql_port = int(re.search(r"mysql://\S+:(\d+)", simulator.wait_for_line(r"mysql://\S+:\d+"))[1])
        return simulator

    def control(self, simulator, path, body, method="POST"):
        status, _, text = http(simulator.url + "/_control/" + path, method, body)
        self.assertIn(status, (200, 204), text)
        return text

    def start_daemon(self, config, *flags, env=None, name="daemon"):
        path = self.write("replmond.yaml", config)
        daemon = self.start(name, DAEMON, f"--config.file={path}", "--web.listen-address=127.0.0.1:0", *flags,
                            env=env)
        self.known_url(daemon)
        return daemon

    def start_shard(self, index, count, *flags, listen="127.0.0.1:0", name=None):
        """One of several daemons that share the configuration in the folder."""
        shard = self.start(name or f"shard{index}", DAEMON, f"--config.file={self.folder}/replmond.yaml", f"--web.listen-address={listen}",
                           f"--shard={index}/{count}", *flags)
        self.known_url(shard)
        return shard

    @staticmethod
    def known_url(daemon):
        line = daemon.wait_for_line(r"event\"?[=:]\"?started")
        daemon.url = "http://" + re.search(r"127\.0\.0\.1:\d+", line).group()

    def metrics(self, daemon):
        status, _, text = http(daemon.url + "/metrics")
        self.assertEqual(status, 200)
        return text

    def sample(self, daemon, series):
        """The value of one series as text, None where it is not there."""
        for line in self.metrics(daemon).splitlines():
            if line.startswith(series + " "):
                return line[len(series) + 1:]
        return None

    def samples(self, daemon, pattern=""):
        """Every series whose name and labels match, with its value as text."""
        lines = [line for line in self.metrics(daemon).splitlines() if not line.startswith("#")]
        return {series: value for series, _, value in (line.rpartition(" ") for line in lines)
                if re.search(pattern, series)}

    def requests(self, simulator, operation=None):
        """What the simulator was asked for, oldest first."""
        log = json.loads(http(simulator.url + "/_control/requests")[2])["requests"]
        return [r for r in log if operation in (None, r["operation"])]

    def state(self, simulator):
        return json.loads(http(simulator.url + "/_control/state")[2])

    def reload(self, daemon, config=None, event="config_loaded"):
        """Sends SIGHUP, with another configuration where one is given; the line that came of it."""
        if config is not None:
            self.write("replmond.yaml", config)
        before = len(daemon.lines(f"event={event} "))
        daemon.process.send_signal(signal.SIGHUP)
        return wait_for(lambda: daemon.lines(f"event={event} ")[before:], f"another {event}:\n{daemon.output()}")[0]

    def wait_for_sample(self, daemon, series, value):
        wait_for(lambda: self.sample(daemon, series) == value, f"{series} to be {value}")

    def wait_for_polls(self, daemon, instance, count, result="success", project="demo"):
        """Until so many polls of the instance have ended that way."""
        wait_for(lambda: self.polls(daemon, instance, result, project) >= count,
                 f"{count} polls of {instance}: {result}; it printed:\n{daemon.output()}")

    def polls(self, daemon, instance, result="success", project="demo"):
        series = f'replmond_polls_total{{project="{project}",starrocks_instance="{instance}",result="{result}"}}'
        return int(self.sample(daemon, series) or 0)


def many(count, first=1):
    """Ids of instances, as the scenario's `generate` makes them."""
    return [f"{number:032x}in17" for number in range(first, first + count)]


def config_for(simulator, instances, extra="", interval="1s", project=ROOMY, timeout="2s", page_size=PAGE_SIZE):
    """A configuration for one project, `demo`, of the simulated cloud; `project`: one more line of it."""
    pages = f", page_size: {page_size}" if page_size else ""
    listed = "\n".join(f"  - {{name: {name}, id: {identifier}{more}}}" for name, identifier, more in instances)
    return f"""
poll: {{interval: {interval}{pages}, timeout: {timeout}}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {simulator.url}
    {project}
    auth: {{type: token, token: e2e-secret-token}}
instances:
{listed}
{extra}
"""
