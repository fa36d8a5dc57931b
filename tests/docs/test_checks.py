"""Each check finds what it is for, and leaves the rest alone."""
import pathlib
import tempfile
import unittest

import checks
from markdown import Page, count_words, split_sentences


class PageTest(unittest.TestCase):
    def test_anchors_are_those_of_github(self):
        page = Page("# `task list`, and [more](x.md)\n## A\n## A\n## 401: no\n## 常见问题\n```\n# no heading\n```\n")
        self.assertEqual(page.anchors(), {"task-list-and-more", "a", "a-1", "401-no", "常见问题"})

    def test_links_in_code_do_not_count(self):
        page = Page("[a](b.md#c) ![p](p.png) `[no](no.md)`\n<img alt=\"q\" src=\"q.png\">\n```\n[no](no.md)\n```\n")
        self.assertEqual(list(page.links()), [(1, "b.md#c"), (1, "p.png"), (2, "q.png")])

    def test_a_sentence_may_go_over_lines_but_not_over_items_and_cells(self):
        page = Page("# Head\nOne two\nthree. Four\n- five\n- six\n\n| seven | eight. nine |\n| --- | --- |\n")
        self.assertEqual([text for _, text in page.sentences()], ["One two three.", "Four", "five", "six", "seven", "eight.", "nine"])

    def test_what_a_test_writes_into_a_page_is_left_out(self):
        page = Page("one\n<!-- written by the test X -->\ntwo\n<!-- end of what is written by the test -->\nthree\n")
        self.assertEqual([text for _, text in page.sentences()], ["one", "three"])

    def test_code_is_one_word_and_a_link_its_text(self):
        self.assertEqual(count_words(split_sentences("See `a b. c` and [two words](x.md).")[0]), 5)

    def test_an_abbreviation_ends_no_sentence(self):
        self.assertEqual(len(split_sentences("One e.g. two. Three.")), 2)


class ChecksTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, **texts):
        pages = {}
        for name, text in texts.items():
            path = name.replace("__", "/") + ".md"
            (self.root / path).parent.mkdir(exist_ok=True)
            (self.root / path).write_text(text)
            pages[path] = Page(text)
        return pages

    def test_dead_links(self):
        pages = self.write(README="# Top\n[a](docs/a.md#there) [b](docs/a.md#not) [c](no.md) [d](#top) [e](#no) [f](https://x/)\n",
                           docs__a="## There\n[up](../README.md#top)\n")
        self.assertEqual(list(checks.dead_links(self.root, pages)), [
            "README.md:2: docs/a.md#not: docs/a.md has no heading of that name",
            "README.md:2: no.md: there is no such file",
            "README.md:2: #no: README.md has no heading of that name"])

    def test_a_page_that_is_not_in_the_index(self):
        pages = self.write(docs__README="[a](a.md#x)\n", docs__a="", docs__b="", other="")
        self.assertEqual(list(checks.missing_in_index(pages)), ["docs/README.md: b.md is not in the index"])
        self.assertEqual(list(checks.missing_in_index({})), ["docs/README.md: there is no index"])

    def test_more_than_five_percent_of_long_sentences(self):
        short, long = "A sentence of five words. ", "word " * 26 + "end. "
        self.assertEqual(list(checks.too_many_long({"a.md": Page(short * 19 + long)})), [])
        self.assertEqual(list(checks.too_many_long({"a.md": Page(short * 18 + long)})),
                         ["a.md: 1 of 19 sentences have more than 25 words; 5 % may"])

    def test_labels_are_no_sentences(self):
        self.assertEqual(list(checks.too_many_long({"a.md": Page("| label |\n" * 100 + "\n" + "word " * 26)})),
                         ["a.md: 1 of 1 sentences have more than 25 words; 5 % may"])

    def test_scripts_that_are_not_there(self):
        pages = self.write(a="`script/no --all`\n```sh\nscript/also-no\n```\n```\nscript/not-shell\n```\n")
        self.assertEqual(list(checks.unknown_commands(self.root, pages, None)), [
            "a.md:3: script/also-no: there is no such script", "a.md:1: script/no: there is no such script"])

    def test_flags_that_the_help_does_not_know(self):
        class Known:
            def flags(self, _, command):
                return {(): {"--help"}, ("task",): {"--help"}, ("task", "list"): {"--wide"}}.get(tuple(command))

        pages = self.write(a="```sh\nsudo replmond task list --wide --tall | grep --color\nreplmond tusk\n"
                             "X=1 /usr/bin/replmond --help && \\\n  replmond --no   # --comment\n"
                             "kubectl exec p -- /usr/bin/replmond --never\nsystemctl status replmond --full\n```\n"
                             "```console\n$ replmond --prompted\n--output\n```\n")
        self.assertEqual(list(checks.unknown_commands(self.root, pages, Known())), [
            "a.md:2: replmond task list has no flag --tall", "a.md:3: replmond has no command tusk",
            "a.md:4: replmond has no flag --no", "a.md:6: replmond has no flag --never", "a.md:10: replmond has no flag --prompted"])

    def test_configurations_with_a_mistake(self):
        class Refusing:
            def mistakes(self, configuration):
                return [configuration.splitlines()[-1]]

        pages = self.write(a="1. Item\n\n   ```yaml\n   projects:\n     - auth: x\n   ```\n```yaml\nprojects: part\n```\n```yaml\nconfig: {projects: [auth: nested]}\n```\n")
        self.assertEqual(list(checks.wrong_configurations(pages, Refusing())), ["a.md:4:   - auth: x"])

    def test_a_quote_that_is_not_closed(self):
        pages = self.write(a="```sh\necho 'a\n```\n")
        self.assertEqual(list(checks.unknown_commands(self.root, pages, None)), ["a.md:2: echo 'a: No closing quotation"])


if __name__ == "__main__":
    unittest.main()
