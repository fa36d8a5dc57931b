"""Help and mistakes on the command line: on terminals of 80 and 200 columns, and in a pipe."""

import os
import subprocess
import unittest

from support import DAEMON
from task_support import Terminal

COMMANDS = ["", "run", "check-config", "doctor", "events", "help", "version", "task", "task list", "task show", "task create", "task pause",
            "task resume", "task delete"]


def piped(*arguments, **env):
    done = subprocess.run([str(DAEMON), *arguments], capture_output=True, text=True, env={**os.environ, **env})
    return done.returncode, done.stdout, done.stderr


def on_terminal(columns, *arguments):
    terminal = Terminal([str(DAEMON), *arguments], columns, {})
    code = terminal.wait()
    return code, terminal.text.replace("\r\n", "\n")


class Help(unittest.TestCase):
    def test_it_fits_the_terminal(self):
        for command in COMMANDS:
            with self.subTest(command):
                code, text, errors = piped(*command.split(), "--help")
                self.assertEqual((code, errors), (0, ""))
                self.assertEqual(on_terminal(80, *command.split(), "--help"), (0, text))
                self.assertLessEqual(max(map(len, text.splitlines())), 80)
                # A pipe has no width, whatever a terminal beside it has.
                self.assertEqual(piped(*command.split(), "--help", COLUMNS="200")[1], text)
                wide = on_terminal(200, *command.split(), "--help")[1]
                self.assertLessEqual(max(map(len, wide.splitlines())), 200)
                self.assertEqual(wide.split(), text.split())
                self.assertLessEqual(len(wide.splitlines()), len(text.splitlines()))
        self.assertGreater(max(map(len, on_terminal(200, "--help")[1].splitlines())), 120)

    def test_help_and_version_are_words_too(self):
        self.assertEqual(piped("help", "task", "list"), piped("task", "list", "--help"))
        self.assertEqual(piped("help"), piped("--help"))
        self.assertEqual(piped("version"), piped("--version"))
        self.assertRegex(piped("version")[1], r"\Areplmond \d+\.\d+\.\d+ \([^\n]*\)\n\Z")


class Mistakes(unittest.TestCase):
    def test_two_lines_wherever_they_are_read(self):
        for arguments, said in [
                (["tsak"], "replmond: unknown command \"tsak\"; did you mean task?\nTry 'replmond --help'.\n"),
                (["task", "lsit", "--output=json"], "replmond: unknown command \"lsit\"; did you mean list?\nTry 'replmond task --help'.\n"),
                (["task", "list", "--ouput=json"],
                 "replmond: unknown flag --ouput; did you mean --output?\nTry 'replmond task list --help'.\n"),
                (["task", "list", "--status=abnormal,broken"],
                 'replmond: --status: expected normal, abnormal or unknown, got "broken"\nTry \'replmond task list --help\'.\n'),
                (["task", "show"], "replmond: --instance and --task-name are required\nTry 'replmond task show --help'.\n"),
                (["events", "--since=yesterday"],
                 'replmond: --since: expected a time such as 2026-11-22T01:24:35Z, Unix seconds or a duration such as 2h, got "yesterday"\n'
                 "Try 'replmond events --help'.\n"),
                (["--web.listen-adress=:1\x1b[2J"],
                 "replmond: unknown flag --web.listen-adress; did you mean --web.listen-address?\nTry 'replmond --help'.\n")]:
            with self.subTest(arguments):
                self.assertEqual(piped(*arguments), (1, "", said))
                for columns in (80, 200):
                    self.assertEqual(on_terminal(columns, *arguments), (1, said))


if __name__ == "__main__":
    unittest.main()
