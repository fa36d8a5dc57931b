"""The man page and the completions of shells, held against --help of every command."""

import os
import re
import shutil
import subprocess
import unittest

import documented_events
from support import DAEMON, ROOT
from task_support import TaskTest

COMMANDS = ["", "run", "check-config", "doctor", "events", "help", "version", "task", "task list", "task show", "task create", "task pause",
            "task resume", "task delete"]
COMMON = {"--config.file", "--log.level", "--log.format", "--help"}


def help_of(command):
    return subprocess.run([DAEMON, *command.split(), "--help"], capture_output=True, text=True, check=True).stdout


def flags_of(command):
    return set(re.findall(r"^ +(?:-h, )?(--[a-z.-]+)", help_of(command), re.M))


def complete(line, url=None):
    """What bash offers behind the line; its words are split as bash splits them. `url`: of a daemon; then in its order."""
    words = re.findall(r"=|[^\s=]+", line)
    if line.endswith(" "):
        words.append("")
    script = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
        _replmond; printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", ROOT / "packaging/bash-completion/replmond", *words], capture_output=True,
                          text=True, check=True, env={**os.environ, "REPLMOND_URL": url or "http://127.0.0.1:1"})
    return [line for line in done.stdout.split("\n") if line] if url else set(done.stdout.split())


class Manual(unittest.TestCase):
    def sections(self):
        page = (ROOT / "docs/replmond.1").read_text()
        parts = re.split(r"^\.SH +\"?([^\"\n]+)\"?\n", page, flags=re.M)
        return {name.replace("\\", ""): text for name, text in zip(parts[1::2], parts[2::2])}

    def flags_in(self, text):
        return {flag.replace("\\", "") for flag in re.findall(r"^\.BR? (\\-\\-[a-z.\\-]+)", text, re.M)}

    def test_flags_are_those_of_help(self):
        sections = self.sections()
        self.assertEqual(self.flags_in(sections["FLAGS OF EVERY COMMAND"]), COMMON)
        titles = {"": "replmond [run]", "run": "replmond [run]", "check-config": "replmond check-config [FILE]",
                  "help": "replmond help [COMMAND]"}
        for command in COMMANDS:
            with self.subTest(command):
                title = titles.get(command, f"replmond {command}")
                self.assertEqual(self.flags_in(sections[title]) | COMMON, flags_of(command))

    def test_every_command_is_there(self):
        for command in ("", "task"):
            listed = re.findall(r"^  ([a-z-]+)  ", help_of(command).split("Commands:")[1].split("\n\n")[0], re.M)
            self.assertEqual({f"{command} {word}".strip() for word in listed},
                             {c for c in COMMANDS if c.count(" ") == (1 if command else 0) and c.startswith(command)
                              and c not in ("", command)})

    def test_it_is_rendered_without_complaints(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", ROOT / "docs/replmond.1"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--source-node-id=", re.sub(r".\x08|\x1b\[[0-9;]*m", "", done.stdout))


    def test_examples_are_taken(self):
        page = self.sections()["EXAMPLES"].replace("\\-", "-")
        examples = re.findall(r"^\.nf\n(replmond [^|\n]*)", page, re.M)
        self.assertGreaterEqual(len(examples), 5)
        for example in examples:
            with self.subTest(example):
                done = subprocess.run([DAEMON, *example.split()[1:], "--config.file=/nowhere.yaml", "--log.level=error"],
                                      capture_output=True, text=True)
                self.assertNotIn("Try 'replmond", done.stderr)


class Completion(unittest.TestCase):
    def test_flags_are_those_of_help(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(complete(f"replmond {command} -".replace("  ", " ")), flags_of(command))

    def test_commands(self):
        self.assertEqual(complete("replmond "), {"run", "check-config", "doctor", "events", "task", "help", "version"})
        self.assertEqual(complete("replmond help "), {"run", "check-config", "doctor", "events", "task", "help", "version"})
        self.assertEqual(complete("replmond help task "), {"list", "show", "create", "pause", "resume", "delete"})
        self.assertEqual(complete("replmond task "), {"list", "show", "create", "pause", "resume", "delete"})
        self.assertEqual(complete("replmond --config.file = x task re"), {"resume"})
        self.assertEqual(complete("replmond task delete --y"), {"--yes"})

    def test_words_of_a_choice(self):
        self.assertEqual(complete("replmond task list --output="), {"table", "json"})
        self.assertEqual(complete("replmond task list --output=j"), {"json"})
        self.assertEqual(complete("replmond task list --output "), {"table", "json"})
        self.assertEqual(complete("replmond events --output="), {"logfmt", "json"})
        self.assertEqual(complete("replmond --log.level="), {"debug", "info", "warn", "error"})
        self.assertEqual(complete("replmond task list --status=a"), {"abnormal"})
        self.assertEqual(complete("replmond task list --sort="), {"worst", "name", "instance"})
        self.assertEqual(complete("replmond events --event=lag_r"), {"lag_recovered", "lag_read_again"})

    def test_events_are_those_that_are_stored(self):
        events = complete("replmond events --event=")
        self.assertEqual(events, {name for name, (is_stored, *_) in documented_events.documented().items() if is_stored})
        for event in events:
            done = subprocess.run([DAEMON, "events", f"--event={event}x", "--state.path=/nowhere"], capture_output=True, text=True)
            self.assertIn(f"did you mean {event}?", done.stderr)

    def test_without_a_daemon_no_name_is_guessed(self):
        self.assertEqual(complete("replmond task pause --task-name="), set())
        self.assertEqual(complete("replmond task list --instance="), set())

    def test_shells_know_the_same_flags_and_words(self):
        events = complete("replmond events --event=")
        flags = set().union(*(flags_of(command) for command in COMMANDS))
        zsh = (ROOT / "packaging/zsh-completion/_replmond").read_text()
        fish = (ROOT / "packaging/fish-completion/replmond.fish").read_text()
        self.assertEqual(set(re.findall(r"['*}](--[a-z.-]+)[=[]|[{,](--help)}", zsh)),
                         {(flag, "") for flag in flags - {"--help"}} | {("", "--help")})
        self.assertEqual({"--" + flag for flag in re.findall(r"(?<!set) -l ([a-z.-]+)", fish)}, flags)
        for text in (zsh, fish):
            for word in events | {"worst", "abnormal", "cancelled", "version", "resume"}:
                self.assertRegex(text, rf"\b{word}\b")


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class Fish(unittest.TestCase):
    def offered(self, line):
        script = f"source {ROOT}/packaging/fish-completion/replmond.fish; complete -C $argv[1]"
        done = subprocess.run(["fish", "--no-config", "-c", script, line], capture_output=True, text=True, check=True,
                              env={**os.environ, "REPLMOND_URL": "http://127.0.0.1:1"})
        self.assertEqual(done.stderr, "")
        return {each.split("\t")[0] for each in done.stdout.splitlines()}

    def test_flags_are_those_of_help(self):
        for command in COMMANDS:
            with self.subTest(command):
                line = f"replmond {command} --".replace("  ", " ")
                self.assertEqual({flag.rstrip("=") for flag in self.offered(line)}, flags_of(command))

    def test_words(self):
        self.assertEqual(self.offered("replmond task re"), {"resume"})
        self.assertEqual(self.offered("replmond help task pau"), {"pause"})
        self.assertEqual(self.offered("replmond task list --sort="), {"--sort=worst", "--sort=name", "--sort=instance"})
        self.assertEqual(self.offered("replmond task pause --task-name="), set())


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(unittest.TestCase):
    def test_it_is_read_without_complaints(self):
        done = subprocess.run(["zsh", "-f", "-n", ROOT / "packaging/zsh-completion/_replmond"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Names(TaskTest):
    """Names of instances and tasks, from a daemon that runs."""

    def setUp(self):
        super().setUp()
        self.start_cloud(["{name: orders_all, timeline: [{stage: incremental}]}", "{name: \"o $(id) 'x\", timeline: [{stage: paused}]}",
                          "{name: 'o\"quoted', timeline: [{stage: paused}]}"], speed=0)
        self.daemon = self.start_daemon(self.config.read_text())
        self.wait_for_polls(self.daemon, "orders", 1)
        self.wait_for_polls(self.daemon, "billing", 1)

    def test_bash(self):
        url = self.daemon.url
        self.assertEqual(complete("replmond task pause --instance=", url), ["billing", "orders"])
        self.assertEqual(complete("replmond task pause --instance=b", url), ["billing"])
        # What could run something is quoted, and what could end a quotation is left out.
        self.assertEqual(complete("replmond task pause --task-name=", url), ["ledger", r"o\ \$\(id\)\ \'x", "orders_all"])
        self.assertEqual(complete("replmond task pause --instance=billing --task-name=", url), ["ledger"])
        self.assertEqual(complete("replmond events --instance orders --task ord", url), ["orders_all"])
        self.assertEqual(complete("replmond task create --task-name=", url), [])


if __name__ == "__main__":
    unittest.main()
