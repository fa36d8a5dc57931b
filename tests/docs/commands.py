"""Runs the shell commands of the documentation against the simulated cloud, in a folder that stands for the host."""
import contextlib
import fnmatch
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import checks

NOT_RUN = pathlib.Path(__file__).with_name("not_run.txt")
PATIENCE = 20  # seconds
SCENARIO = """
tokens: [a-token]
mysql: {user: replmond, password: a-password}
projects: [{id: 0123456789abcdef0123456789abcdef, name: ap-southeast-3}]
instances:
  - name: orders
    id: 0a1b2c3d4e5f60718293a4b5c6d7e8f9in17
    address: 127.0.1.1
    tasks:
      - {name: sync_orders, source_database: orders, target_database: orders_sr, lag: 2s, timeline: [{stage: incremental}]}
"""
CONFIGURATION = """
poll: {{interval: 1s, timeout: 1s}}
state: {{path: {root}/var/lib/replmond/state.db}}
projects:
  - {{name: prod, region: ap-southeast-3, endpoint: "http://{cloud}", project_id: 0123456789abcdef0123456789abcdef,
     rate_limit: 100000/5m, auth: {{type: token, token_file: {root}/etc/replmond/token}}}}
instances:
  - name: orders
    id: 0a1b2c3d4e5f60718293a4b5c6d7e8f9in17
    lag: {{host: 127.0.1.1, port: {database}, user: replmond, password_file: {root}/etc/replmond/password, tls: "off"}}
"""
# A command that finds something ends with more than 0, which is right.
MAY_END_WITH = {"replmond task list": {0, 2}}
# The configuration of flags that have a default outside the folder.
WRAPPER = """#!/bin/sh
case " $* " in
*" --config.file"* | *" --version "*) exec {program} "$@" ;;
esac
exec {program} "$@" --config.file={root}/etc/replmond/replmond.yaml
"""


class NotRun:
    """Patterns of commands with the reason why they are not run."""

    def __init__(self, text):
        self.reasons = {}
        self.used = set()
        reason = ""
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.endswith(":"):
                reason = line[:-1]
            else:
                self.reasons[line] = reason

    def reason(self, command):
        for pattern, reason in self.reasons.items():
            if fnmatch.fnmatchcase(command, pattern):
                self.used.add(pattern)
                return reason
        return None

    def dead(self):
        return [pattern for pattern in self.reasons if pattern not in self.used]


def without_comment(command):
    """The command up to a # that begins a word outside quotes."""
    quote = ""
    for at, c in enumerate(command):
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c == "#" and (at == 0 or command[at - 1].isspace()):
            return command[:at].strip()
    return command.strip()


def shell_commands(page):
    """(line number, command) of every command in a fenced block; a continued one is joined."""
    fenced = {number for block in page.blocks for number in range(block.line, block.line + len(block.lines))}
    for line, text in checks.command_lines(page):
        command = re.sub(r"\s+", " ", without_comment(text)) if line in fenced else ""
        if command:
            yield line, command


def unlabelled(pages):
    """Commands in a block without a language would not be found."""
    for path, page in pages.items():
        for block in page.blocks:
            if block.language == "" and any(re.match(r"\s*(\$ |(sudo )?(replmond|systemctl|kubectl|curl|script/\S+)\b )", line)
                                            for line in block.lines):
                yield f"{path}:{block.line}: a block with commands has the language sh"


class Host:
    """The simulated cloud and a daemon that polls it, and a folder with what the commands name."""

    def __init__(self, root, build, folder):
        self.root, self.build, self.folder = root, build, folder
        self.programs = []

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            undo.callback(self.stop)
            for name in ("etc/replmond", "etc/prometheus", "var/lib/replmond", "backup", "bin", "home"):
                (self.folder / name).mkdir(parents=True)
            (self.folder / "home/dashboards").symlink_to(self.root / "dashboards")
            for name in ("alerts.yaml", "rules.yaml"):
                (self.folder / "etc/prometheus" / name).write_bytes((self.root / "dashboards" / name).read_bytes())
            (self.folder / "scenario.yaml").write_text(SCENARIO)
            (self.folder / "etc/replmond/token").write_text("a-token\n")
            (self.folder / "etc/replmond/password").write_text("a-password\n")
            said = self.start("simulator", self.build / "replmond-simulator", "--listen-address=127.0.0.1:0", "--mysql-port=0",
                              f"--scenario={self.folder}/scenario.yaml", until=r"(?s)127\.0\.0\.1:(\d+).*mysql://0\.0\.0\.0:(\d+)")
            text = CONFIGURATION.format(root=self.folder, cloud=f"127.0.0.1:{said[1]}", database=said[2])
            for name in ("etc/replmond/replmond.yaml", "home/replmond.yaml"):
                (self.folder / name).write_text(text)
            said = self.start("daemon", self.build / "replmond", f"--config.file={self.folder}/etc/replmond/replmond.yaml",
                              "--web.listen-address=127.0.0.1:0", until=r"(?s)event=started.*addresses=127\.0\.0\.1:(\d+).*event=task_discovered")
            self.port = said[1]
            wrapper = self.folder / "bin/replmond"
            wrapper.write_text(WRAPPER.format(program=self.build / "replmond", root=self.folder))
            wrapper.chmod(0o755)
            (self.folder / "bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
            (self.folder / "bin/sudo").chmod(0o755)
            self.undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self.undo.close()

    def start(self, name, *arguments, until):
        log = self.folder / f"{name}.log"
        with open(log, "wb") as out:
            self.programs.append(subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder))
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(until, log.read_text())):
            if time.monotonic() > deadline or self.programs[-1].poll() is not None:
                raise RuntimeError(f"{name} did not start: {log.read_text()}")
            time.sleep(0.05)
        return found

    def stop(self):
        for program in reversed(self.programs):
            program.terminate()
            program.wait()

    def here(self, command):
        """The command with the folder in place of the host, and ports that are free."""
        for path in ("/etc/replmond", "/etc/prometheus", "/var/lib/replmond", "/backup"):
            command = re.sub(rf"(?<![\w/]){path}\b", f"{self.folder}{path}", command)
        command = command.replace("/usr/share/replmond/dashboards", str(self.root / "dashboards"))
        command = command.replace("localhost:10930", f"127.0.0.1:{self.port}")
        return command.replace("--web.listen-address=127.0.0.1:10930", "--web.listen-address=127.0.0.1:0")

    def run(self, command):
        """What is wrong with what the command did; empty where nothing is."""
        daemon = re.match(r"replmond --(?!version)", command)
        endless = daemon or "--follow" in command
        env = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        if daemon:  # it listens where the other one does not, and has a state of its own
            command += f" --state.path={self.folder}/home/state.db" + ("" if "listen-address" in command else " --web.listen-address=127.0.0.1:0")
        shell = subprocess.Popen(["bash", "-o", "pipefail", "-c", self.here(command)], cwd=self.folder / "home", env=env, text=True, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        if endless:
            said = self.first_line(shell)
            os.killpg(shell.pid, signal.SIGINT)
            rest, _ = shell.communicate(timeout=PATIENCE)
            return "" if said and shell.returncode in {0, 130, -signal.SIGINT} else f"exit {shell.returncode}: {said}{rest}"
        try:
            said, _ = shell.communicate(2 * "not-a-real-secret\n", timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            return f"it did not end: {shell.communicate()[0]}"
        right = next((codes for begin, codes in MAY_END_WITH.items() if command.startswith(begin)), {0})
        return "" if shell.returncode in right else f"exit {shell.returncode}: {said}"

    @staticmethod
    def first_line(shell):
        return shell.stdout.readline()


def wrong_commands(root, pages, build):
    """Runs what can be run; yields what went wrong, and what is on the list for nothing."""
    listed = NotRun(NOT_RUN.read_text())
    ran = 0
    with tempfile.TemporaryDirectory() as folder, Host(root, build, pathlib.Path(folder)) as host:
        for path, page in pages.items():
            if path in checks.RECORDS:
                continue
            for line, command in shell_commands(page):
                if listed.reason(command):
                    continue
                ran += 1
                if wrong := host.run(command):
                    yield f"{path}:{line}: {command}: {wrong.strip()}"
    for pattern in listed.dead():
        yield f"{NOT_RUN.name}: {pattern}: no command of the documentation is so"
    print(f"{ran} commands were run; {NOT_RUN.name} says of {len(listed.reasons)} kinds why they were not")
