"""What is a command, what is on the list of those that are not run, and what a run finds."""
import contextlib
import io
import pathlib
import tempfile
import unittest
from unittest import mock

import commands
from markdown import Page


class CommandsTest(unittest.TestCase):
    def test_comments_end_a_command_but_not_in_quotes(self):
        for text, command in (("a b   # c", "a b"), ("a '#b' #c", "a '#b'"), ("a b#c", "a b#c"), ("# all", ""), ('a " # "', 'a " # "')):
            with self.subTest(text):
                self.assertEqual(commands.without_comment(text), command)

    def test_only_fenced_commands_with_continued_lines_joined(self):
        page = Page("`replmond inline --flag`\n```sh\na \\\n   b   # c\n# nothing\n\n```\n```console\n$ d\noutput\n```\n```json\n{}\n```\n")
        self.assertEqual(list(commands.shell_commands(page)), [(3, "a b"), (9, "d")])

    def test_commands_need_a_language(self):
        page = Page("```\nlevel=INFO msg=x\n```\n```\ncurl -s x\n```\n```sh\ncurl -s x\n```\n")
        self.assertEqual(list(commands.unlabelled({"a.md": page})), ["a.md:5: a block with commands has the language sh"])

    def test_the_list_gives_the_reason_and_knows_what_is_dead(self):
        listed = commands.NotRun("# comment\nneeds b:\na *\nb\n\nneeds c:\nc\n")
        self.assertEqual([listed.reason(each) for each in ("a x", "b", "bb", "c")], ["needs b", "needs b", None, "needs c"])
        self.assertEqual(listed.dead(), [])
        self.assertEqual(commands.NotRun("why:\na *\n").dead(), ["a *"])


class FakeHost:
    def __init__(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    @staticmethod
    def run(command):
        return "exit 3: no" if command == "bad" else ""


class RunTest(unittest.TestCase):
    def test_what_fails_and_what_is_dead_is_told_with_its_place(self):
        pages = {"a.md": Page("```sh\ngood\nbad\nlisted\n```\n"), "CHANGELOG.md": Page("```sh\nbad\n```\n")}
        with tempfile.TemporaryDirectory() as folder:
            listed = pathlib.Path(folder) / "not_run.txt"
            listed.write_text("why:\nlisted\ngone\n")
            said = io.StringIO()
            with mock.patch.object(commands, "NOT_RUN", listed), mock.patch.object(commands, "Host", FakeHost), \
                    contextlib.redirect_stdout(said):
                self.assertEqual(list(commands.wrong_commands(None, pages, None)),
                                 ["a.md:3: bad: exit 3: no", "not_run.txt: gone: no command of the documentation is so"])
        self.assertEqual(said.getvalue(), "2 commands were run; not_run.txt says of 2 kinds why they were not\n")
