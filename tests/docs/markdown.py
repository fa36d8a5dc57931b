"""What a Markdown page consists of, as far as the checks of docs need it: headings, links, texts and code blocks."""
import re
from typing import NamedTuple

FENCE = re.compile(r"^\s*(```+|~~~+)\s*([\w-]*)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^()\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
IMAGE = re.compile(r'<img [^>]*?src="([^"]+)"')
CODE = re.compile(r"(`+)(.+?)\1")
ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
GENERATED = re.compile(r"<!-- (?:(written by|measured: begin|values: begin)|end of what is written by|measured: end|values: end)")


class Block(NamedTuple):
    """A fenced block of code: its language, the number of its first line, its lines."""
    language: str
    line: int
    lines: list


class Page:
    """`prose` has (line number, text) of every line outside code; what a program wrote into the page is not in `written`."""

    def __init__(self, text):
        self.blocks = []
        self.prose = []
        self.written = []
        fence, generated = None, False
        for number, line in enumerate(text.split("\n"), 1):
            if found := FENCE.match(line):
                if fence is None:
                    fence = found[1]
                    self.blocks.append(Block(found[2], number + 1, []))
                    self.written.append((number, ""))
                elif found[1].startswith(fence):
                    fence = None
                continue
            if fence is not None:
                self.blocks[-1].lines.append(line)
                continue
            self.prose.append((number, line))
            if found := GENERATED.search(line):
                generated = found[1] is not None
                self.written.append((number, ""))
                continue
            if not generated:
                self.written.append((number, line))

    def anchors(self):
        """What a link may have behind #: the headings as GitHub names them."""
        found = set()
        for _, line in self.prose:
            if not (heading := HEADING.match(line)):
                continue
            text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).replace("`", "").lower()
            base = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            name, count = base, 0
            while name in found:
                count += 1
                name = f"{base}-{count}"
            found.add(name)
        return found

    def headings(self):
        """(line number, level, text) of each."""
        for number, line in self.prose:
            if heading := HEADING.match(line):
                yield number, len(line) - len(line.lstrip("#")), heading[1]

    def links(self):
        """(line number, target) of every link and picture."""
        for number, line in self.prose:
            text = CODE.sub("`code`", line)
            for target in LINK.findall(text) + IMAGE.findall(text):
                yield number, target

    def code_spans(self):
        """(line number, text) of every piece of code within a line."""
        for number, line in self.prose:
            for _, text in CODE.findall(line):
                yield number, text.strip()

    def sentences(self):
        """(line number, sentence) of everything a person wrote: paragraphs, list items, cells. Headings are none."""
        paragraph, start = [], 0

        def ended():
            nonlocal paragraph
            if paragraph:
                yield from ((start, each) for each in split_sentences(" ".join(paragraph)))
            paragraph = []

        for number, line in self.written:
            stripped = line.strip()
            if not stripped or HEADING.match(stripped) or stripped.startswith(("<!--", "|")) or ITEM.match(line):
                yield from ended()
            if not stripped or HEADING.match(stripped) or stripped.startswith("<!--"):
                continue
            if stripped.startswith("|"):
                for cell in re.split(r"(?<!\\)\|", CODE.sub("`code`", stripped)):
                    yield from ((number, each) for each in split_sentences(cell.strip()))
                continue
            if not paragraph:
                start = number
            paragraph.append(ITEM.sub("", stripped).lstrip("> "))
        yield from ended()


def split_sentences(text):
    """Code counts as one word, a link as its text; a sentence ends with . ! or ? before a space."""
    text = CODE.sub("`code`", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "")
    text = re.sub(r"\b(e\.g|i\.e|etc|vs)\.", r"\1", text)
    return [each for each in re.split(r"(?<=[.!?])[\"'”)*_]*\s+", text) if count_words(each)]


def count_words(sentence):
    return sum(1 for word in sentence.split() if re.search(r"\w", word))
