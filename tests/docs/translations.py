"""The pages in Chinese say what the English ones say: the same sections with the same tables, lists, commands and names."""
import itertools
import posixpath
import re
from typing import NamedTuple

import checks
from commands import without_comment
from markdown import CODE, ITEM, Page

OVERVIEW = "README.zh-CN.md"
INDEX = f"{checks.CHINESE}/README.md"


class Section(NamedTuple):
    """What stands between one heading and the next, of whatever level. A page begins with its title."""
    line: int
    level: int
    title: str
    prose: list
    blocks: list

    def rows(self):
        return sum(text.lstrip().startswith("|") for _, text in self.prose)

    def items(self):
        return sum(bool(ITEM.match(text)) for _, text in self.prose)

    def names(self):
        """What stands in the code font; a program's or a metric's name is the same in each language."""
        text = "\n\n".join("\n".join(text for _, text in lines) for lines in paragraphs(self.prose))
        return {re.sub(r"\s+", " ", code.strip()) for _, code in re.findall(r"(?s)" + CODE.pattern, text)}


def paragraphs(prose):
    """Lines that belong together: code may go on in the next line, and not beyond a cell or an item."""
    lines = []
    for number, text in prose:
        if lines and (not text.strip() or text.lstrip().startswith("|") or ITEM.match(text)):
            yield lines
            lines = []
        lines.append((number, text))
    yield lines


def sections(page):
    heads = list(page.headings())
    for (line, level, title), following in itertools.zip_longest(heads, heads[1:]):
        end = following[0] if following else float("inf")
        yield Section(line, level, title, [each for each in page.prose if line < each[0] < end],
                      [block for block in page.blocks if line < block.line < end])


def code(block):
    """The lines of a block; what a shell's comment says may be in another language."""
    if block.language not in checks.SHELLS:
        return block.lines
    return [re.sub(r"\s+", " ", command) for line in block.lines if (command := without_comment(line))]


def resolved(path, target):
    """The path within the repository that a link of the page at `path` leads to, without its anchor."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target.partition("#")[0])) if not target.startswith("#") else path


def translated(pages):
    """(path of a page in Chinese, of its English one). Pages that are generated in both languages have one source."""
    for path in pages:
        folder, _, name = path.rpartition("/")
        if folder == checks.CHINESE and path != INDEX and path not in checks.GENERATED and f"docs/{name}" in pages:
            yield path, f"docs/{name}"


def behind_in_translation(pages):
    for path, english in translated(pages):
        here, there = list(sections(pages[path])), list(sections(pages[english]))
        first = Page("\n".join(text for _, text in here[0].prose)) if here else Page("")
        if english not in {resolved(path, target) for _, target in first.links()}:
            yield f"{path}: its beginning does not say that it is of {english}"
        if len(here) != len(there):
            yield f"{path}: it has {len(here)} sections, {english} has {len(there)}"
            continue
        for ours, theirs in zip(here, there):
            at = f"{path}:{ours.line}: {ours.title}"
            yield from (f"{at}: {what} of {english}:{theirs.line}" for what in differences(ours, theirs, is_title=ours is here[0]))


def differences(ours, theirs, is_title):
    if ours.level != theirs.level:
        yield f"the heading has level {ours.level}, not {theirs.level} as that"
    for what, count in (("rows of tables", Section.rows), ("items", Section.items)):
        if count(ours) != count(theirs):
            yield f"it has {count(ours)} {what}, not the {count(theirs)}"
    for block, other in itertools.zip_longest(map(code, ours.blocks), map(code, theirs.blocks), fillvalue=[]):
        if block != other:
            mine, its = next(pair for pair in itertools.zip_longest(block, other, fillvalue="nothing") if pair[0] != pair[1])
            yield f"a block has {mine} in place of {its}"
    yield from (f"it lacks `{name}`" for name in sorted(theirs.names() - ours.names()))
    yield from (f"it has `{name}`, which is no name" for name in sorted(ours.names() - theirs.names()))


def missing_runbooks(alerts, pages):
    """Each alert has its section in both languages; the links of the alerts lead to either."""
    for path in ("docs/operations.md", f"{checks.CHINESE}/operations.md"):
        if path not in pages:
            yield f"{path}: there is no such page"
            continue
        anchors = pages[path].anchors()
        for alert in dict.fromkeys(re.findall(r"^ *- alert: (\w+)$", alerts, re.M)):
            if alert.lower() not in anchors:
                yield f"{path}: there is no section {alert}"


def chinese_or_english(path, pages):
    """The page in Chinese of that name, where there is one."""
    chinese = f"{checks.CHINESE}/{posixpath.basename(path)}"
    return chinese if posixpath.dirname(path) == "docs" and chinese in pages else path


def missing_in_index(pages):
    """The Chinese index has every page in Chinese, and every English one that has no translation."""
    if INDEX not in pages:
        yield f"{INDEX}: there is no index"
        return
    listed = {resolved(INDEX, target) for _, target in pages[INDEX].links()}
    wanted = {chinese_or_english(path, pages): None for path in pages if posixpath.dirname(path) in {"docs", checks.CHINESE}}
    yield from (f"{INDEX}: {path} is not in the index" for path in wanted if path not in listed and path != INDEX)


def links_to_english(pages):
    """A page in Chinese leads to pages in Chinese where there are some. The beginning names the English page."""
    for path, page in pages.items():
        if path != OVERVIEW and not path.startswith(f"{checks.CHINESE}/"):
            continue
        second = next((line for line, level, _ in page.headings() if level > 1), 0)
        for line, target in page.links():
            there = resolved(path, target)
            if line > second and there != checks.INDEX and there != (chinese := chinese_or_english(there, pages)):
                yield f"{path}:{line}: {target}: there is {chinese}"
