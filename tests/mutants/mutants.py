"""Mutation tests of the core: what script/mutants runs."""

import argparse
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"
EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.txt"
LONGEST_RUN = 60  # seconds: a loop without an end counts as found

# What no code is: literals and comments.
NOT_CODE = re.compile(
    r'R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|^\s*#[^\n]*',
    re.S | re.M)
# What a mutant changes, and into what. clang-format puts blanks around operators, and none around < > of templates.
OPERATORS = {
    " == ": " != ", " != ": " == ", " <= ": " < ", " < ": " <= ", " >= ": " > ", " > ": " >= ",
    " && ": " || ", " || ": " && ", " + ": " - ", " - ": " + ",
}
SITES = re.compile(
    r"(?P<operator> == | != | <= | < | >= | > | && | \|\| | \+ | - )"
    r"|(?P<negation>(?<=[( ])!(?=[A-Za-z_(]))"
    r"|(?P<truth>\b(?:true|false)\b)"
    r"|(?P<number>(?<![\w.'])(?:0x[0-9a-fA-F]+|\d+)(?![\w.']))")


class Mutant:
    def __init__(self, path, start, end, new):
        self.path, self.start, self.end, self.new = path, start, end, new

    def apply(self, text):
        return text[:self.start] + self.new + text[self.end:]

    def lines(self, text):
        """Number, text and mutated text of its line."""
        begin = text.rfind("\n", 0, self.start) + 1
        stop = text.find("\n", self.end)
        mutated = text[begin:self.start] + self.new + text[self.end:stop]
        return text.count("\n", 0, self.start) + 1, text[begin:stop].strip(), mutated.strip()


def replacement(match):
    if match["operator"]:
        return OPERATORS[match["operator"]]
    if match["negation"]:
        return ""
    if match["truth"]:
        return "false" if match["truth"] == "true" else "true"
    number = match["number"]
    if number.startswith("0x"):
        return f"0x{int(number, 16) + 1:x}"
    return str(int(number) + 1)


def sites_of(path, text):
    masked = NOT_CODE.sub(lambda match: re.sub(r"[^\n]", "\x00", match[0]), text)
    for match in SITES.finditer(masked):
        line = masked[masked.rfind("\n", 0, match.start()) + 1:masked.find("\n", match.end())]
        if "template<" in line or "static_assert" in line:
            continue
        yield Mutant(path, match.start(), match.end(), replacement(match))


def known_equivalents():
    known = set()
    for line in EQUIVALENT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            path, before, after, _why = (part.strip() for part in line.split("\t"))
            known.add((path, before, after))
    return known


def draw(count, seed, part):
    """`count` mutants, and some more for those that do not compile."""
    known = known_equivalents()
    found = []
    for path in sorted((ROOT / "daemon" / "core").rglob("*.cpp")):
        name = str(path.relative_to(ROOT))
        if part not in name:
            continue
        text = path.read_text(encoding="utf-8")
        for mutant in sites_of(name, text):
            _number, before, after = mutant.lines(text)
            if (name, before, after) not in known:
                found.append(mutant)
    random.Random(seed).shuffle(found)
    return found[:count + count // 4 + 5]


def run(command, folder, seconds):
    """True, False, or None where it took too long."""
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0


def prepare(folder):
    """A copy of the tree, built."""
    source = folder / "tree"
    shutil.rmtree(source, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file() and not name.startswith(("docs/pictures/", "tests/fuzz/corpus/")):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    build = folder / "build"
    subprocess.run(["cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                    "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -D_GLIBCXX_ASSERTIONS", "-DREPLMOND_UNITY=TESTS", "-DREPLMOND_REVISION=mutants"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build, "--target", "core_tests"], check=True, stdout=subprocess.DEVNULL)
    if run([build / "tests" / "core_tests", "--gtest_brief=1"], source, LONGEST_RUN) is not True:
        sys.exit("the unit tests fail without a mutant")
    return source, build


def suites_of(path):
    """A filter for the tests of the folder that the source is in."""
    folder = ROOT / "tests" / "core" / pathlib.Path(path).parent.name
    suites = {name for file in folder.glob("*.cpp") for name in re.findall(r"^TEST(?:_F|_P)?\((\w+),", file.read_text(encoding="utf-8"), re.M)}
    return ":".join(f"{name}.*:*/{name}.*" for name in sorted(suites))


def judge(mutant, source, build):
    """'found', 'survived' or 'invalid' (it does not compile)."""
    path = source / mutant.path
    text = path.read_text(encoding="utf-8")
    path.write_text(mutant.apply(text), encoding="utf-8")
    try:
        if run(["cmake", "--build", build, "--target", "core_tests"], source, 300) is not True:
            return "invalid"
        tests = [build / "tests" / "core_tests", "--gtest_brief=1", "--gtest_fail_fast"]
        # The tests of its folder find most mutants, in a fraction of the time.
        for chosen in (["--gtest_filter=" + suites_of(mutant.path)], []):
            if not run([*tests, *chosen], source, LONGEST_RUN):
                return "found"
        return "survived"
    finally:
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="script/mutants", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", default="", help="only of files whose path has this in it")
    parser.add_argument("--least", type=float, default=92, help="per cent that must be found")
    arguments = parser.parse_args()

    mutants = draw(arguments.count, arguments.seed, arguments.file)
    copies = queue.Queue()
    workers = max(1, (os.cpu_count() or 2))
    for number in range(workers):
        copies.put(prepare(WORK / str(number)))
    began = time.monotonic()

    def one(mutant):
        copy = copies.get()
        try:
            return mutant, judge(mutant, *copy)
        finally:
            copies.put(copy)

    found, survivors = 0, []
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        pending = iter(mutants)
        running = {pool.submit(one, mutant) for _, mutant in zip(range(workers), pending)}
        while running:
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for each in done:
                mutant, verdict = each.result()
                found += verdict == "found"
                if verdict == "survived":
                    survivors.append(mutant)
                    number, before, after = mutant.lines((ROOT / mutant.path).read_text(encoding="utf-8"))
                    print(f"{mutant.path}:{number}: survived\n    - {before}\n    + {after}", flush=True)
                judged = found + len(survivors) + len(running)
                if (found + len(survivors)) % 20 == 0:
                    print(f"{found} of {found + len(survivors)} found", flush=True)
                following = next(pending, None) if judged < arguments.count else None
                if following:
                    running.add(pool.submit(one, following))

    judged = found + len(survivors)
    if not judged:
        sys.exit("no mutants")
    percent = 100 * found / judged
    print(f"{found} of {judged} found ({percent:.1f} %), seed {arguments.seed}, {time.monotonic() - began:.0f} s")
    sys.exit(0 if percent >= arguments.least else 1)


if __name__ == "__main__":
    main()
