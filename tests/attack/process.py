"""What the processes of this folder have in common: their settings, the figures that they leave, and an end."""

import json
import os
import pathlib
import resource
import signal
import sys
import threading
import time


def settings():
    """Read from the file that the command line names. The process ends after `lasts` seconds, and with its parent."""
    given = json.loads(pathlib.Path(sys.argv[1]).read_text())
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.alarm(given["lasts"])
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    return given


def allow_descriptors(most):
    """No more than so many, and no more than this process may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


def end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def write(path, figures):
    """So that whoever reads it meanwhile reads all of it."""
    path = pathlib.Path(path)
    following = path.with_name(path.name + ".next")
    following.write_text(json.dumps(figures))
    following.replace(path)


def read(path, otherwise=None):
    try:
        return json.loads(pathlib.Path(path).read_text())
    except OSError:
        return otherwise
