"""Boots a real systemd over a throw-away copy of a tree: systemd-nspawn, an overlay in memory, no network of its own.

Nothing stays: mounts live in a namespace of their own, cgroups are removed, and every process ends with the machine's
first one.
"""

import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support  # noqa: E402

PATIENCE = 60  # seconds: long enough that only a real hang fails

# What a running system gives that `unshare` alone would not: the mounts below are seen by nobody else.
START = r"""
set -e
for group in $CGROUPS; do echo $$ >"$group/cgroup.procs"; done
mount -t tmpfs -o mode=755 none "$WORK"
mkdir "$WORK/upper" "$WORK/work" "$WORK/root"
mount -t overlay -o "lowerdir=$LOWER,upperdir=$WORK/upper,workdir=$WORK/work" none "$WORK/root"
rm -rf "$WORK"/root/etc/systemd/system/*.wants
"$PREPARE" "$WORK/root"
exec systemd-nspawn -q -D "$WORK/root" --boot --register=no --keep-unit --private-network --machine=replmond-boot \
    --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
    --capability=CAP_BPF --capability=CAP_PERFMON --system-call-filter=bpf
"""


def why_not():
    """Why no machine can be booted here; empty where one can."""
    if os.geteuid() != 0:
        return "it needs root"
    for program in ("systemd-nspawn", "unshare", "nsenter", "mount"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not pathlib.Path("/usr/lib/systemd/systemd").exists() and not pathlib.Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    with tempfile.TemporaryDirectory(prefix="replmond-boot-") as work:
        attempt = ("mount -t tmpfs none {0} && mkdir {0}/u {0}/w {0}/m && "
                   "mount -t overlay -o lowerdir=/,upperdir={0}/u,workdir={0}/w none {0}/m").format(work)
        done = subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c", attempt],
                              capture_output=True, text=True)
    if done.returncode != 0:
        return "no overlay can be mounted: " + done.stderr.strip().splitlines()[-1]
    try:
        for group in make_cgroups(f"replmond-probe-{os.getpid()}"):
            group.rmdir()
    except OSError as error:
        return f"no cgroup can be made: {error}"
    return ""


def make_cgroups(name):
    """One in each hierarchy that systemd uses here: it must not leave its own in the root group."""
    groups = []
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            groups.append(pathlib.Path(place) / name)
    for group in groups:
        group.mkdir()
    return groups


def remove_cgroup(group):
    for child in sorted((p for p in group.glob("**/") if p != group), key=lambda p: -len(p.parts)):
        child.rmdir()
    group.rmdir()


def wait_for(condition, what):
    return support.wait_for(condition, what, PATIENCE)


class Machine:
    """`lower`: the tree; `prepare`: a program that is given the copy before it boots."""

    def __init__(self, lower="/", prepare="true"):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="replmond-boot-"))
        self.console = self.work.with_suffix(".log")
        self.groups = make_cgroups(self.work.name)
        self.init = None
        # However the test ends.
        atexit.register(self.end)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        settings = {"CGROUPS": " ".join(map(str, self.groups)), "WORK": str(self.work), "LOWER": str(lower),
                    "PREPARE": str(prepare), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with open(self.console, "wb") as console:
            self.nspawn = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-c", START],
                                           stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                           env={**os.environ, **settings})
        wait_for(self.is_up, lambda: "the machine to boot:\n" + self.console.read_text(errors="replace"))

    def is_up(self):
        if self.nspawn.poll() is not None:
            raise AssertionError("the machine did not boot:\n" + self.console.read_text(errors="replace"))
        children = subprocess.run(["pgrep", "-P", str(self.nspawn.pid)], capture_output=True, text=True).stdout.split()
        if not children:
            return False
        self.init = int(children[0])
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return state in ("running", "degraded")

    def run(self, *command, check=True, stdin=None):
        """A command in the machine; fails with what it printed."""
        done = subprocess.run(["nsenter", "-t", str(self.init), "-a", *map(str, command)], input=stdin,
                              stdin=subprocess.DEVNULL if stdin is None else None, timeout=PATIENCE * 3,
                              capture_output=True, text=True,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                                   "DEBIAN_FRONTEND": "noninteractive"})
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def output(self, *command):
        return self.run(*command).stdout

    def write(self, path, text, mode="644"):
        self.run("mkdir", "-p", pathlib.PurePath(path).parent)
        self.run("tee", path, stdin=text)
        self.run("chmod", mode, path)

    def copy(self, source, target):
        with open(source, "rb") as file:
            subprocess.run(["nsenter", "-t", str(self.init), "-a", "sh", "-c", f"cat >{target} && chmod 755 {target}"],
                           stdin=file, check=True)

    def end(self):
        """Powers it off; where that takes too long its first process is killed, and all others with it."""
        atexit.unregister(self.end)
        if self.init and self.nspawn.poll() is None:
            os.kill(self.init, signal.SIGRTMIN + 4)
            try:
                self.nspawn.wait(30)
            except subprocess.TimeoutExpired:
                print("the machine did not power off: killed", file=sys.stderr)
                os.kill(self.init, signal.SIGKILL)
        if self.nspawn.poll() is None and not self.init:
            self.nspawn.kill()
        self.nspawn.wait(30)
        for group in self.groups:
            remove_cgroup(group)
        self.work.rmdir()
        self.console.unlink()
