"""Runs a program in another root: an empty one, or another distribution's, with files of the test's own laid over it."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent

# Mounts are seen by this process only, and end with it. The program takes the process's place, so that signals reach it.
START = r"""
set -eu
work=$1 lower=$2 files=$3 state=$4
shift 4
mount -t tmpfs -o mode=755 none "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" none "$work/root"
cp -a "$files/." "$work/root/"
mkdir -p "$work/root/proc" "$work/root/var/lib/replmond"
mount -t proc proc "$work/root/proc"
mount --bind "$state" "$work/root/var/lib/replmond"
cd "$work/root"
exec "$@"
"""


def why_not():
    """Why no program can be started in another root here; empty where it can."""
    if os.geteuid() != 0:
        return "it needs root"
    for program in ("unshare", "mount", "chroot"):
        if not shutil.which(program):
            return f"{program} is not installed"
    with tempfile.TemporaryDirectory() as work:
        for name in ("work", "lower", "files", "state"):
            os.mkdir(f"{work}/{name}")
        done = subprocess.run(in_root(*(f"{work}/{name}" for name in ("work", "lower", "files", "state")), program=["true"]),
                              capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else ""


def in_root(work, lower, files, state, program, environment=(), around=()):
    """The command that runs `program` there with `environment` (NAME=VALUE) and no other; `around`: what starts chroot."""
    inside = ["true"] if program == ["true"] else ["env", "-i", *environment, *around, shutil.which("chroot"), ".", *program]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", START, "sh", work, lower, files, state, *inside]


class InRoot(support.EndToEnd):
    """A test with files of its own over a root, and a state directory that outlives each start."""

    def setUp(self):
        super().setUp()
        for name in ("work", "empty", "files", "state"):
            (self.folder / name).mkdir()
        self.lower = self.folder / "empty"

    def put(self, path, text, mode=0o644):
        """A file of the root."""
        target = self.folder / "files" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        target.chmod(mode)
        return target

    def command(self, *program, environment=(), around=()):
        return [str(part) for part in in_root(self.folder / "work", self.lower, self.folder / "files", self.folder / "state",
                                              list(program), environment, around)]

    def run_there(self, *program, **how):
        return subprocess.run(self.command(*program, **how), capture_output=True, text=True, timeout=support.PATIENCE)

    def start_there(self, *program, name="daemon", **how):
        return self.start(name, *self.command(*program, **how))
