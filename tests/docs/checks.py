"""What holds for every page of the documentation. Each check yields texts that name the place and what is wrong."""
import pathlib
import re
import shlex
import subprocess
import tempfile
import textwrap

from markdown import Page, count_words

LEAST = 5  # words; what has fewer is a label in a table, no sentence
LONG = 25  # words; a sentence with more is long
MOST_LONG = 5  # percent of a page's sentences
INDEX = "docs/README.md"
SHELLS = {"sh", "shell", "bash", "console"}
# Written by programs; the programs' own texts are checked where they are.
GENERATED = {"docs/metrics.md", "docs/events.md", "docs/zh-CN/configuration.md"}
CHINESE = "docs/zh-CN"
# A record of what was, in the words of its time.
RECORDS = {"CHANGELOG.md"}


def read_pages(root):
    """Path within the repository -> Page, of every Markdown file that git knows or is about to."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                            check=True, capture_output=True, text=True).stdout.split("\n")
    return {path: Page((root / path).read_text()) for path in listed if path and (root / path).exists()}


def dead_links(root, pages):
    for path, page in pages.items():
        for line, target in page.links():
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            name, _, anchor = target.partition("#")
            there = (root / path).parent / name if name else root / path
            if not there.exists():
                yield f"{path}:{line}: {target}: there is no such file"
                continue
            other = pathlib.Path(there).resolve().relative_to(root.resolve()).as_posix()
            if anchor and other in pages and anchor not in pages[other].anchors():
                yield f"{path}:{line}: {target}: {other} has no heading of that name"


def missing_in_index(pages):
    if INDEX not in pages:
        yield f"{INDEX}: there is no index"
        return
    listed = {target.partition("#")[0] for _, target in pages[INDEX].links()}
    for path in pages:
        folder, _, name = path.rpartition("/")
        if folder == "docs" and path != INDEX and name not in listed:
            yield f"{INDEX}: {name} is not in the index"


def long_sentences(page):
    return [(line, each) for line, each in page.sentences() if count_words(each) > LONG]


def is_measured(path):
    return path not in GENERATED | RECORDS and not path.endswith(".zh-CN.md") and not path.startswith(CHINESE) and not path.startswith("tests/")


def measured(pages):
    """(path, sentences, long ones, mean words) of every page whose sentences are measured."""
    for path, page in pages.items():
        if not is_measured(path):
            continue
        words = [words for _, each in page.sentences() if (words := count_words(each)) >= LEAST]
        if words:
            yield path, len(words), len(long_sentences(page)), sum(words) / len(words)


def too_many_long(pages):
    for path, sentences, long, _ in measured(pages):
        if long * 100 > MOST_LONG * sentences:
            yield f"{path}: {long} of {sentences} sentences have more than {LONG} words; {MOST_LONG} % may"


def command_lines(page):
    """(line number, command line) of every shell block, with continued lines joined; and of code within lines."""
    for block in page.blocks:
        if block.language not in SHELLS:
            continue
        prompted = any(line.startswith("$ ") for line in block.lines)
        joined, start = "", block.line
        for number, line in enumerate(block.lines, block.line):
            if not joined:
                if prompted and not line.startswith("$ "):
                    continue
                start = number
            joined += line.removeprefix("$ ") if not joined else line
            if joined.endswith("\\"):
                joined = joined[:-1]
                continue
            yield start, joined
            joined = ""
    for line, text in page.code_spans():
        if re.match(r"(replmond(-simulator)? |script/)", text):
            yield line, text


def commands(line):
    """The words of each command in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words = []
    for word in lexer:
        if set(word) <= set("|&;"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def own_command(words):
    """The words from our program on, where this command is one of ours."""
    while words and (words[0] in {"sudo", "env", "exec"} or re.match(r"[A-Z_]+=", words[0])):
        words = words[1:]
    if words and words[0] == "kubectl" and "--" in words:
        words = words[words.index("--") + 1:]
    if words and (words[0].rpartition("/")[2] in {"replmond", "replmond-simulator"} or words[0].startswith("script/")):
        return words
    return []


def whole_configurations(page):
    """(line number, text) of the YAML blocks that one could use as they are: they have a project with its credential."""
    for block in page.blocks:
        text = textwrap.dedent("\n".join(block.lines)) + "\n"
        if block.language == "yaml" and re.search(r"(?m)^projects:", text) and "auth:" in text:
            yield block.line, text


def wrong_configurations(pages, built):
    for path, page in pages.items():
        for line, text in whole_configurations(page):
            yield from (f"{path}:{line}: {mistake}" for mistake in built.mistakes(text))


class Built:
    """What the programs say of flags and configurations; the help of each command is asked for once."""

    def __init__(self, build):
        self.build = build
        self.known = {}

    def mistakes(self, configuration):
        """What check-config has against it; the files that it names are there."""
        with tempfile.TemporaryDirectory() as folder:
            for name in re.findall(r"\w+_file: ([\w./-]+)", configuration):
                (pathlib.Path(folder) / name).write_text("not-a-real-secret\n")
            (pathlib.Path(folder) / "replmond.yaml").write_text(configuration)
            answer = subprocess.run([self.build / "replmond", "check-config", "replmond.yaml"], cwd=folder, capture_output=True, text=True)
        return answer.stdout.splitlines() + answer.stderr.splitlines() if answer.returncode else []

    def flags(self, program, command):
        key = (program, *command)
        if key not in self.known:
            arguments = ["help", *command] if program == "replmond" else ["--help"]
            answer = subprocess.run([self.build / program, *arguments], capture_output=True, text=True)
            self.known[key] = set(re.findall(r"--?[a-z][a-z0-9.-]*", answer.stdout)) if answer.returncode == 0 else None
        return self.known[key]


def unknown_commands(root, pages, built):
    """`built` is None where nothing is built: then only scripts are looked for."""
    for path, page in pages.items():
        if path in RECORDS:
            continue
        for line, text in command_lines(page):
            try:
                found = [own_command(words) for words in commands(text)]
            except ValueError as error:
                yield f"{path}:{line}: {text}: {error}"
                continue
            for words in filter(None, found):
                yield from (f"{path}:{line}: {what}" for what in wrong_with(root, words, built))


def wrong_with(root, words, built):
    if words[0].startswith("script/"):
        if not (root / words[0]).exists():
            yield f"{words[0]}: there is no such script"
        return
    if built is None:
        return
    program = words[0].rpartition("/")[2]
    command = []
    for word in words[1:] if program == "replmond" else []:
        if not re.fullmatch(r"[a-z][a-z-]+", word) or built.flags(program, [*command, word]) is None:
            break
        command.append(word)
    if command[:1] == ["help"]:
        return
    if command == [] and len(words) > 1 and re.fullmatch(r"[a-z][a-z-]+", words[1]) and program == "replmond":
        yield f"{program} has no command {words[1]}"
        return
    for word in words[1:]:
        flag = re.match(r"--?[a-z][a-z0-9.-]*", word)
        if flag and flag[0] not in built.flags(program, command):
            yield f"{' '.join([program, *command])} has no flag {flag[0]}"
