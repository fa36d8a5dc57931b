"""Each check of the pages in Chinese finds what it is for, and leaves the rest alone."""
import unittest

import translations
from markdown import Page

ENGLISH = """# Page
## One
Set `poll.interval`. Look for `a
b`.
```sh
ls -l   # all of them
```
```
[Service]  # as it is
```
### Part
- first
- second
## Two
| a |
| --- |
| b |
"""
CHINESE = """# 页面
本页对应 [page.md](../page.md#one)。
## 一
查找 `a b`，设置 `poll.interval`。
```sh
ls -l  # 全部
```
```
[Service]  # as it is
```
### 部分
- 第一
- 第二
## 二
| 甲 |
| --- |
| 乙 |
"""
PATH = "docs/zh-CN/page.md"


def said_of(chinese, english=ENGLISH):
    return list(translations.behind_in_translation({"docs/page.md": Page(english), PATH: Page(chinese)}))


class TranslationsTest(unittest.TestCase):
    def without(self, part, instead=""):
        self.assertIn(part, CHINESE)
        return said_of(CHINESE.replace(part, instead))

    def test_a_whole_one(self):
        self.assertEqual(said_of(CHINESE), [])

    def test_a_section_that_is_not_there(self):
        self.assertEqual(self.without("## 二\n"), [f"{PATH}: it has 3 sections, docs/page.md has 4"])
        self.assertEqual(said_of(CHINESE, ENGLISH + "## Three\n"), [f"{PATH}: it has 4 sections, docs/page.md has 5"])

    def test_a_heading_of_another_level(self):
        self.assertEqual(self.without("### 部分", "## 部分"), [f"{PATH}:11: 部分: the heading has level 2, not 3 as that of docs/page.md:11"])

    def test_a_row_or_an_item_that_is_not_there(self):
        self.assertEqual(self.without("| 乙 |\n"), [f"{PATH}:14: 二: it has 2 rows of tables, not the 3 of docs/page.md:14"])
        self.assertEqual(self.without("- 第二\n"), [f"{PATH}:11: 部分: it has 1 items, not the 2 of docs/page.md:11"])

    def test_a_row_in_another_section(self):
        moved = said_of(CHINESE.replace("| 乙 |\n", "").replace("### 部分", "| 乙 |\n### 部分"))
        self.assertEqual(moved, [f"{PATH}:3: 一: it has 1 rows of tables, not the 0 of docs/page.md:2",
                                 f"{PATH}:15: 二: it has 2 rows of tables, not the 3 of docs/page.md:14"])

    def test_commands_that_differ(self):
        at = f"{PATH}:3: 一: a block has"
        self.assertEqual(self.without("ls -l  #", "ls -a  #"), [f"{at} ls -a in place of ls -l of docs/page.md:2"])
        self.assertEqual(self.without("ls -l  # 全部\n", "ls -l  # 全部\nls\n"), [f"{at} ls in place of nothing of docs/page.md:2"])
        self.assertEqual(self.without("```\n[Service]  # as it is\n```\n"), [f"{at} nothing in place of [Service]  # as it is of docs/page.md:2"])

    def test_a_comment_may_be_translated_in_shells_only(self):
        self.assertEqual(self.without("[Service]  # as it is", "[Service]  # 原样"),
                         [f"{PATH}:3: 一: a block has [Service]  # 原样 in place of [Service]  # as it is of docs/page.md:2"])

    def test_names_that_differ(self):
        self.assertEqual(self.without("poll.interval", "poll.timeout"), [
            f"{PATH}:3: 一: it lacks `poll.interval` of docs/page.md:2", f"{PATH}:3: 一: it has `poll.timeout`, which is no name of docs/page.md:2"])

    def test_a_beginning_that_does_not_name_the_english_page(self):
        want = [f"{PATH}: its beginning does not say that it is of docs/page.md"]
        self.assertEqual(self.without("(../page.md#one)", "(../other.md)"), want)
        self.assertEqual(self.without("(../page.md#one)", "(page.md)"), want)
        self.assertEqual(said_of(CHINESE.replace("本页对应 [page.md](../page.md#one)。\n", "") + "[page.md](../page.md)\n"), want)

    def test_an_empty_page(self):
        self.assertEqual(said_of(""), [f"{PATH}: its beginning does not say that it is of docs/page.md", f"{PATH}: it has 0 sections, docs/page.md has 4"])

    def test_pages_that_are_no_translation(self):
        pages = {"docs/configuration.md": Page(ENGLISH), "docs/zh-CN/configuration.md": Page(""), "docs/README.md": Page(ENGLISH),
                 "docs/zh-CN/README.md": Page(""), "docs/zh-CN/own.md": Page("")}
        self.assertEqual(list(translations.behind_in_translation(pages)), [])

    def test_an_alert_without_a_runbook(self):
        alerts = "      - alert: First\n      - alert: Second\n      - alert: Second\n"
        pages = {"docs/operations.md": Page("## First\n## Second\n"), "docs/zh-CN/operations.md": Page("## First\n`Second`\n")}
        self.assertEqual(list(translations.missing_runbooks(alerts, pages)), ["docs/zh-CN/operations.md: there is no section Second"])
        del pages["docs/zh-CN/operations.md"]
        self.assertEqual(list(translations.missing_runbooks(alerts, pages)), ["docs/zh-CN/operations.md: there is no such page"])

    def test_a_page_that_is_not_in_the_index(self):
        pages = {path: Page("") for path in ("docs/README.md", "docs/a.md", "docs/b.md", "docs/c.md", "docs/zh-CN/a.md", "docs/zh-CN/d.md", "other.md")}
        pages["docs/zh-CN/README.md"] = Page("[a](../a.md) [b](../b.md#x)\n")
        self.assertEqual(list(translations.missing_in_index(pages)), [
            f"docs/zh-CN/README.md: {each} is not in the index" for each in ("docs/zh-CN/a.md", "docs/c.md", "docs/zh-CN/d.md")])
        self.assertEqual(list(translations.missing_in_index({})), ["docs/zh-CN/README.md: there is no index"])

    def test_links_to_english_where_there_is_chinese(self):
        pages = {"docs/a.md": Page(""), "docs/b.md": Page(""), "docs/zh-CN/b.md": Page("# 乙\n[b](../b.md)\n## 一\n[a](../a.md)\n[b](../b.md#x) [i](../README.md)\n"),
                 "docs/zh-CN/README.md": Page("[b](../b.md)\n"), "README.md": Page("[b](docs/b.md)\n"),
                 "README.zh-CN.md": Page("# r\n## 一\n[b](docs/b.md) [b](docs/zh-CN/b.md) [r](README.md#x) [s](#一)\n"), "docs/README.md": Page("[b](b.md)\n")}
        self.assertEqual(list(translations.links_to_english(pages)), [
            "docs/zh-CN/b.md:5: ../b.md#x: there is docs/zh-CN/b.md", "docs/zh-CN/README.md:1: ../b.md: there is docs/zh-CN/b.md",
            "README.zh-CN.md:3: docs/b.md: there is docs/zh-CN/b.md"])


if __name__ == "__main__":
    unittest.main()
