#!/usr/bin/env python3
"""Runs a command in the current folder as its root, as a container runtime would: as_container.py UID COMMAND…

No capability is left, none can be gained, and the root cannot be written."""

import ctypes
import os
import sys

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4

uid, *command = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
os.chroot(".")
os.chdir("/")
for capability in range(64):
    libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # those that this kernel does not have are refused
libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
    sys.exit("no_new_privs")
os.setgroups([])
os.setresgid(int(uid), int(uid), int(uid))
os.setresuid(int(uid), int(uid), int(uid))
os.execv(command[0], command)
