"""How long builds take, without a compiler cache: what `script/bench --build` prints. Each time is also told as a multiple of one compilation of
<boost/asio.hpp>, since machines differ."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = {"all of `release`": 7 * 60, "what script/demo builds": 4 * 60, "one core source to a running unit test": 15}
WITHOUT_CACHE = {**os.environ, "CCACHE_DISABLE": "1"}


def run(*command):
    subprocess.run(list(map(str, command)), cwd=ROOT, env=WITHOUT_CACHE, check=True, stdout=subprocess.DEVNULL)


def timed(*command):
    began = time.monotonic()
    run(*command)
    return time.monotonic() - began


def unit():
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "unit.cpp"
        source.write_text("#include <boost/asio.hpp>\n")
        return min(timed("c++", "-std=c++20", "-O0", "-c", source, "-o", source.with_suffix(".o")) for _ in range(3))


def fresh(name):
    folder = ROOT / "build" / "timed" / name
    shutil.rmtree(folder, ignore_errors=True)
    run("cmake", "--preset", "release", "-B", folder)
    return folder


def measure():
    found = {}
    demo = fresh("demo")
    found["what script/demo builds"] = timed("cmake", "--build", demo, "--target", "replmond", "replmond-simulator")
    everything = fresh("release")
    found["all of `release`"] = timed("cmake", "--build", everything)
    source = ROOT / "daemon/core/cloud/signer.cpp"
    os.utime(source)
    began = time.monotonic()
    run("cmake", "--build", everything, "--target", "core_tests")
    run(everything / "tests/core_tests", "--gtest_filter=Signer*")
    found["one core source to a running unit test"] = time.monotonic() - began
    return found


def main():
    one = unit()
    print(f"{os.cpu_count()} cores, no compiler cache; one compilation of <boost/asio.hpp> takes {one:.1f} s")
    missed = False
    for name, seconds in measure().items():
        late = seconds > TARGETS[name]
        missed = missed or late
        print(f"{seconds:6.0f} s  {seconds / one:6.1f} times that  {name}" + (f" (target {TARGETS[name]} s)" if late else ""), flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
