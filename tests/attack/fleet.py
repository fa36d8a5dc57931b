"""The fleet under attack: an honest cloud, a hostile one, and the daemon that watches both. Starts them and ends them."""

import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/bench")]

from bench_fleet import processor_ns  # noqa: E402
from fleet_names import EVIL, FOREIGN_HOST, HANG, HONEST, KEY, PASSWORDS, SIDE, TAURUSDB, TOKENS  # noqa: E402
from support import Program, http as ask, many, wait_for  # noqa: E402

CORES = sorted(os.sched_getaffinity(0))
REPEAT_INTERVAL = 30  # seconds


def ids(first, count):
    """Of instances that the hostile cloud has, or the honest one beside the generated ones."""
    return [f"{first}{number:031x}in17" for number in range(1, count + 1)]


HANGING, ENDED, HOSTILE, REFUSED = ids("b", 40), ids("c", 2), ids("e", 4), ids("d", 4)


def scenario(instances, tasks):
    """`instances` with `tasks` tasks each, which stay as they are until they are changed; and those of the project `side`, which
    need their error texts."""
    side = "".join(f"  - id: {one}\n    name: side-{n}\n    project: '{SIDE}'\n    tasks:\n"
                   f"      - {{name: failing, timeline: [{{stage: incremental, status: No}}]}}\n"
                   f"      - {{name: broken, timeline: [{{stage: incremental, need_repair: true}}]}}\n" for n, one in enumerate(REFUSED, 1))
    return (f"tokens: [{TOKENS['honest']}]\nprojects: ['{HONEST}', '{SIDE}']\n"
            f"taurusdb: [{{id: '{TAURUSDB}', name: shop, project: '{SIDE}', htap: [{', '.join(REFUSED)}]}}]\n"
            f"instances:\n{side}"
            f"generate: {{instances: {instances}, tasks: {tasks}, name: honest, project: '{HONEST}', timeline: [{{stage: incremental}}]}}\n")


def listed(project, names, identifiers, more=""):
    return "".join(f"  - {{name: {name}, id: {one}, project: {project}{more}}}\n" for name, one in zip(names, identifiers))


def numbered(name, identifiers):
    return [f"{name}-{number}" for number in range(1, len(identifiers) + 1)]


class Configuration:
    """What the daemon is told to watch: always the honest project, the others as they are asked for."""

    def __init__(self, cloud, hostile, state, instances, interval):
        self.cloud, self.hostile, self.state, self.interval = cloud, hostile, state, interval
        self.honest = many(instances)

    def project(self, name, identifier, endpoint, auth, more=""):
        return (f"  - {{name: {name}, region: ap-southeast-3, project_id: '{identifier}', endpoint: '{endpoint}', "
                f"rate_limit: 1000000/5m, auth: {auth}{more}}}\n")

    def text(self, parts):
        """`parts`: names of attacks that have a project of their own."""
        token = lambda name: f"{{type: token, token: {TOKENS[name]}}}"
        projects = self.project("honest", HONEST, self.cloud, token("honest"))
        instances = listed("honest", [f"honest-{n:04}" for n in range(1, len(self.honest) + 1)], self.honest)
        if "side-refusals" in parts:
            projects += self.project("side", SIDE, self.cloud, token("honest"), ", discover: {interval: 5s, include: '^none$'}")
            instances += listed("side", numbered("side", REFUSED), REFUSED, ", interval: 2s")
        if "lost-slots" in parts:
            projects += self.project("hang", HANG, self.hostile, token("hang"))
            instances += listed("hang", numbered("hang", HANGING), HANGING, ", interval: 1s, timeout: 5s")
        if "ended-key" in parts:
            projects += self.project("key", KEY, self.hostile, "{type: metadata}")
            instances += listed("key", numbered("key", ENDED), ENDED, ", interval: 1s, timeout: 2s")
        if "hostile-cloud" in parts:
            projects += self.project("evil", EVIL, self.hostile, token("evil"))
            instances += listed("evil", numbered("evil", HOSTILE), HOSTILE, ", interval: 2s, timeout: 3s")
        return (f"poll: {{interval: {self.interval}s, timeout: {min(10, self.interval)}s, concurrency: 16}}\n"
                f"alerts: {{repeat_interval: {REPEAT_INTERVAL}s}}\nstate: {{path: '{self.state}'}}\n"
                f"projects:\n{projects}instances:\n{instances}")


def replace(path, text):
    """So that nobody reads half of it."""
    following = path.with_name(path.name + ".next")
    following.write_text(text)
    following.chmod(0o600)
    following.replace(path)


def bcrypt(password, cost):
    return subprocess.check_output(["htpasswd", "-nbBC", str(cost), "", password], text=True).strip().lstrip(":")


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=attack", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "web.key", "-out", "web.pem"],
                   cwd=folder, check=True, capture_output=True)
    (folder / "web.key").chmod(0o600)


class Fleet:
    """Everything that runs, in a folder of its own."""

    def __init__(self, options):
        self.options = options
        self.build = pathlib.Path(options.build).resolve()
        self.instances = max(1, options.tasks // 100)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="replmond-attack-"))
        self.programs = []
        self.own, self.others = (CORES[-1:], CORES[:-1]) if len(CORES) > 1 else (CORES, CORES)
        os.sched_setaffinity(0, self.others)

    def start(self, name, *command, cores=None, nice=0, env=None):
        cores = ",".join(map(str, cores or self.others))
        program = Program(self.folder, name, "setpriv", "--pdeathsig", "KILL", "taskset", "-c", cores, "nice", "-n", nice, *command, env=env)
        self.programs.append(program)
        return program

    def start_python(self, module, settings, nice=0, cores=None, name=None):
        """A module of this folder in a process of its own, with its settings in a file."""
        name = name or module
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(settings))
        return self.start(name, sys.executable, HERE / f"{module}.py", path, nice=nice, cores=cores)

    @staticmethod
    def url_of(program):
        return "http://" + re.search(r"127\.0\.0\.1:\d+", program.wait_for_line(r"127\.0\.0\.1:\d+")).group()

    def start_clouds(self):
        (self.folder / "scenario.yaml").write_text(scenario(self.instances, min(100, self.options.tasks)))
        self.simulator = self.start("simulator", self.build / "replmond-simulator", f"--scenario={self.folder}/scenario.yaml",
                                    "--listen-address=127.0.0.1:0")
        self.cloud = self.url_of(self.simulator)
        self.hostile = self.url_of(self.start_python("hostile_cloud", {"seed": self.options.seed, "lasts": self.lasts()}, nice=5))
        for fault in ({"operation": "configuration"}, {"operation": "htap"}):
            self.control("faults", {"instance": "*", **fault, "status": 401})

    def lasts(self):
        """Seconds after which every program ends by itself, should this one have forgotten it."""
        return int(self.options.minutes * 60 + 900)

    def control(self, path, body):
        status, _, text = ask(f"{self.cloud}/_control/{path}", "POST", body)
        if status not in (200, 204):
            raise AssertionError(text)

    def write_web_file(self):
        make_certificate(self.folder)
        users = "".join(f"  {user}: {bcrypt(password, 10)}\n" for user, password in PASSWORDS.items())
        tls = "tls_server_config: {cert_file: web.pem, key_file: web.key}\n" if self.options.web == "tls" else ""
        self.web = self.folder / "web.yml"
        self.web_text = f"{tls}basic_auth_users:\n{users}"
        replace(self.web, self.web_text)

    def start_daemon(self):
        self.write_web_file()
        self.config = self.folder / "replmond.yaml"
        self.configuration = Configuration(self.cloud, self.hostile, self.folder / "state.db", self.instances, self.options.interval)
        replace(self.config, self.configuration.text(()))
        told = subprocess.run([self.build / "replmond", "run", "--help"], capture_output=True, text=True, timeout=60)
        self.guarded = "--web.allowed-hosts" in told.stdout + told.stderr
        flags = ["--web.allowed-hosts=replmond.example"] if self.guarded else []
        self.daemon = self.start("daemon", self.build / "replmond", f"--config.file={self.config}", "--web.listen-address=127.0.0.1:0",
                                 f"--web.config.file={self.web}", "--web.enable-lifecycle", "--log.format=json", *flags,
                                 cores=self.own, env={"REPLMOND_METADATA_ENDPOINT": self.hostile})
        self.pid = self.daemon.process.pid
        line = self.daemon.wait_for_line('"event":"started"')
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))
        wait_for(lambda: self.get("/-/ready")[0] == 200, "the fleet to be read", 120)

    def door(self):
        """How the daemon is reached, for the processes that do so."""
        return {"port": self.port, "ca": str(self.folder / "web.pem") if self.options.web == "tls" else None, "seed": self.options.seed,
                "lasts": self.lasts(), "folder": str(self.folder), "users": PASSWORDS, "guarded": self.guarded, "foreign": FOREIGN_HOST}

    def get(self, path, method="GET", user="operator", timeout=20):
        """(status, text) of a request by somebody who may; status 0 where there was no answer, after one more try."""
        for last in (False, True):
            if self.options.web == "tls":
                context = ssl.create_default_context(cafile=self.folder / "web.pem")
                connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=context)
            else:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            try:
                word = base64.b64encode(f"{user}:{PASSWORDS[user]}".encode()).decode()
                connection.request(method, path, headers={"Authorization": "Basic " + word})
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, http.client.HTTPException) as error:
                if last:
                    return 0, str(error)
            finally:
                connection.close()

    def lives(self):
        return self.daemon.process.poll() is None

    def resources(self):
        """Memory in MiB, threads, descriptors and processor time in seconds of the daemon; None where it is gone."""
        try:
            status = dict(re.findall(r"(\w+):\s+(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text()))
            return {"at": time.monotonic(), "rss": int(status["VmRSS"]) / 1024, "threads": int(status["Threads"]),
                    "fds": len(os.listdir(f"/proc/{self.pid}/fd")), "cpu": processor_ns(self.pid) / 1e9}
        except (OSError, KeyError):
            return None

    def end(self):
        for program in reversed(self.programs):
            if program.process.poll() is None:
                program.process.kill()
            program.process.wait()
        os.sched_setaffinity(0, CORES)
        if not self.options.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
