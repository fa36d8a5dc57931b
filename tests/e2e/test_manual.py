"""The man page and the bash completion, held against --help of every command."""

import re
import subprocess
import unittest

from support import DAEMON, ROOT

COMMANDS = ["", "run", "check-config", "events", "task", "task list", "task show", "task create", "task pause",
            "task resume", "task delete"]
COMMON = {"--config.file", "--log.level", "--log.format", "--help"}


def help_of(command):
    return subprocess.run([DAEMON, *command.split(), "--help"], capture_output=True, text=True, check=True).stdout


def flags_of(command):
    return set(re.findall(r"^ +(?:-h,)?(--[a-z.-]+)", help_of(command), re.M))


def complete(line):
    """What bash offers behind the line; its words are split as bash splits them."""
    words = re.findall(r"=|[^\s=]+", line)
    if line.endswith(" "):
        words.append("")
    script = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
        _replmond; printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", ROOT / "packaging/bash-completion/replmond", *words], capture_output=True,
                          text=True, check=True)
    return set(done.stdout.split())


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
        titles = {"": "replmond [run]", "run": "replmond [run]", "check-config": "replmond check-config [FILE]"}
        for command in COMMANDS:
            with self.subTest(command):
                title = titles.get(command, f"replmond {command}")
                self.assertEqual(self.flags_in(sections[title]) | COMMON, flags_of(command))

    def test_every_command_is_there(self):
        for command in ("", "task"):
            listed = re.findall(r"^  ([a-z-]+)  ", help_of(command).split("Subcommands:")[1], re.M)
            self.assertEqual({f"{command} {word}".strip() for word in listed},
                             {c for c in COMMANDS if c.count(" ") == (1 if command else 0) and c.startswith(command)
                              and c not in ("", command)})

    def test_it_is_rendered_without_complaints(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", ROOT / "docs/replmond.1"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--source-node-id=", re.sub(r".\x08|\x1b\[[0-9;]*m", "", done.stdout))


class Completion(unittest.TestCase):
    def test_flags_are_those_of_help(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(complete(f"replmond {command} -".replace("  ", " ")), flags_of(command))

    def test_commands(self):
        self.assertEqual(complete("replmond "), {"run", "check-config", "events", "task"})
        self.assertEqual(complete("replmond task "), {"list", "show", "create", "pause", "resume", "delete"})
        self.assertEqual(complete("replmond --config.file = x task re"), {"resume"})
        self.assertEqual(complete("replmond task delete --y"), {"--yes"})

    def test_words_of_a_choice(self):
        self.assertEqual(complete("replmond task list --output="), {"table", "json"})
        self.assertEqual(complete("replmond task list --output=j"), {"json"})
        self.assertEqual(complete("replmond task list --output "), {"table", "json"})
        self.assertEqual(complete("replmond events --output="), {"logfmt", "json"})
        self.assertEqual(complete("replmond --log.level="), {"debug", "info", "warn", "error"})

    def test_names_are_not_guessed(self):
        self.assertEqual(complete("replmond task pause --task-name="), set())


if __name__ == "__main__":
    unittest.main()
