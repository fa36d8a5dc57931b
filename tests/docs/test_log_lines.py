"""Messages and events that are not in the source are found."""
import unittest

import log_lines
from markdown import Page

SOURCE = 'f("the poll " \n  "failed"); g("took {} of {:.0f} seconds"); h("plain"); i("{}: {}");'
KINDS = '    {"poll_failed", event_section::polls, true,\n    {"task_gone",\n     event_section::tasks,\n'


class LogLinesTest(unittest.TestCase):
    def setUp(self):
        self.known = log_lines.Known([SOURCE], KINDS)

    def test_messages_are_whole_or_cut_and_may_be_filled_in(self):
        for text, known in (("the poll failed", True), ("the poll …", True), ("the poll", False), ("took 1 of 2 seconds", True), ("took 1", False), ("p: q", False), ("…", True)):
            with self.subTest(text):
                self.assertEqual(self.known.is_message(text), known)

    def test_what_is_not_in_the_source_is_told_with_its_place(self):
        page = Page('`event=task_gone` `event=task_` `event=nothing` `event=no_`\n```text\nmsg="the poll failed" event=poll_failed\nmsg="other" event=poll_fell x\n```\n')
        self.assertEqual(list(log_lines.wrong_lines({"a.md": page, "b.md": page}, self.known, {"b.md"})), [
            "a.md:4: no log line says: other", "a.md:4: there is no event poll_fell", "a.md:1: there is no event nothing",
            "a.md:1: there is no event no_"])


if __name__ == "__main__":
    unittest.main()
