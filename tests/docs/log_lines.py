"""The log lines that the documentation shows: their messages and events are those of the source."""
import re

LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
MESSAGE = re.compile(r'\bmsg="((?:[^"\\]|\\.)*)"')
EVENT = re.compile(r"\bevent=([a-z_]+)(?=[\s\"'`.,)]|$)")


def literals(source):
    """The text of each string, with neighbours joined as the compiler joins them."""
    for found in LITERAL.finditer(source):
        yield "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', found[0])).replace('\\"', '"')


class Known:
    def __init__(self, sources, kinds):
        """`sources`: C++ texts; `kinds`: the text of daemon/core/model/event_kinds.hpp."""
        texts = {text for source in sources for text in literals(source) if " " in text}
        self.messages = texts
        # What is filled in stands for any text, where enough is left to know the message by.
        parts = [re.split(r"\{[^{}]*\}", text) for text in texts if "{" in text]
        self.patterns = [re.compile(".+".join(map(re.escape, each))) for each in parts if len(re.findall(r"[a-z]+", " ".join(each))) >= 3]
        self.events = set(re.findall(r'\{"([a-z_]+)", event_section::', kinds)) | set(re.findall(r'^ *\{"([a-z_]+)",\s*$', kinds, re.M))

    def is_event(self, name):
        """A name that ends with _ is the beginning of several."""
        return any(each.startswith(name) for each in self.events) if name.endswith("_") else name in self.events

    def is_message(self, text):
        if "…" in text:  # cut short for the page
            begin = text[:text.index("…")].strip()
            return any(each.startswith(begin) for each in self.messages)
        return text in self.messages or any(each.fullmatch(text) for each in self.patterns)


def read_known(root):
    sources = [path.read_text() for path in (root / "daemon").rglob("*.cpp")]
    return Known(sources, (root / "daemon/core/model/event_kinds.hpp").read_text())


def wrong_lines(pages, known, records):
    for path, page in pages.items():
        if path in records:
            continue
        for block in page.blocks:
            for number, line in enumerate(block.lines, block.line):
                for message in MESSAGE.findall(line):
                    if not known.is_message(message):
                        yield f"{path}:{number}: no log line says: {message}"
                if block.language not in {"yaml", "json"}:
                    yield from (f"{path}:{number}: there is no event {each}" for each in EVENT.findall(line) if not known.is_event(each))
        for number, text in page.code_spans():
            yield from (f"{path}:{number}: there is no event {each}" for each in EVENT.findall(text) if not known.is_event(each))
