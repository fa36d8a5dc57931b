"""Pods without a cluster: the files of an image as a read-only root, a user without capabilities, a host name, volumes as the kubelet makes them.

What is left out: a network of its own, so pods listen on ports of this machine's loopback."""

import os
import shutil
import subprocess

from roots import HERE, why_not  # noqa: F401 (for tests)

# What a runtime makes of `readOnlyRootFilesystem`. Mounts and host name are seen by this process only, and end with it. The program takes
# the process's place, so that signals reach it.
START = r"""
set -eu
root=$1 state=$2 configuration=$3 host=$4
shift 4
hostname "$host"
mount --bind "$root" "$root"
mount --bind "$state" "$root/var/lib/replmond"
mount --bind "$configuration" "$root/etc/replmond"
mount -o remount,bind,ro "$root/etc/replmond"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
cd "$root"
exec "$@"
"""


def in_pod(root, state, configuration, host, uid, program):
    """The command that runs `program` (a list) there."""
    around = ["unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c", START, "sh", root, state, configuration, host]
    return [str(part) for part in [*around, "/usr/bin/python3", HERE / "as_container.py", uid, *program]]


def make_root(folder, program):
    """The files of the image around a static program, where no image is at hand."""
    for name in ("etc/replmond", "etc/ssl/certs", "proc", "tmp", "usr/bin", "var/lib/replmond"):
        (folder / name).mkdir(parents=True)
    (folder / "etc/passwd").write_text("replmond:x:65532:65532::/var/lib/replmond:/sbin/nologin\n")
    shutil.copy(program, folder / "usr/bin/replmond")
    return folder


def make_volume(folder, owner):
    """An empty volume of a pod with `fsGroup`."""
    folder.mkdir()
    os.chown(folder, owner, owner)
    folder.chmod(0o770)
    return folder


def copy_root(root, to):
    """The same files on another node."""
    subprocess.run(["cp", "-a", root, to], check=True)
    return to
