#!/usr/bin/env python3
"""Clients that ask for the most that there is, again and again, against a fleet that is polled: what becomes of a good scraper, of the
polls, of memory, and of a SIGTERM.

    tests/bench/bench_attack.py --build=build/release [--instances=1000] [--seconds=20] [KIND …]

One KIND a line of the output; without any, all of them. The attackers are 64 connections of one address, in a process of their own."""

import argparse
import gzip
import http.client
import pathlib
import selectors
import signal
import socket
import subprocess
import sys
import time

from bench_fleet import Fleet, total
from bench_poll import CHANGING

CONNECTIONS = 64
KINDS = {  # name: (method, target, requests a second, slow reader)
    "none": None,
    "head": ("HEAD", "/api/v1/tasks", 24, False),
    "head-flood": ("HEAD", "/api/v1/tasks", 0, False),
    "get": ("GET", "/api/v1/tasks", 24, False),
    "get-slow": ("GET", "/api/v1/tasks", 24, True),
    "filters": ("GET", "/api/v1/tasks?search=none{n}", 0, False),
    "sorted-slow": ("GET", "/api/v1/tasks?sort=task&offset={n}", 24, True),
    "page": ("GET", "/?search=none{n}", 0, False),
    "page-large": ("GET", "/?sort=task&limit=1000&offset={n}", 0, False),
    "instances": ("GET", "/api/v1/instances?sort=severity&offset={n}", 0, False),
    "summary": ("GET", "/api/v1/summary", 0, False),
    "config": ("GET", "/config?n={n}", 0, False),
    "events": ("GET", "/api/v1/events?limit=1000&since={n}", 0, False),
    "metrics": ("GET", "/metrics", 24, False),
}


class Attacker:
    """One connection, which asks again when it is answered, or closed."""

    def __init__(self, address, method, target, slow):
        self.address, self.method, self.target, self.slow = address, method, target, slow
        self.socket, self.left, self.head = None, None, b""

    def open(self, waits):
        if self.socket:
            waits.unregister(self.socket)
            self.socket.close()
        self.socket = socket.socket()
        if self.slow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(self.address)
        self.socket.setblocking(False)
        waits.register(self.socket, selectors.EVENT_READ, self)
        self.left, self.head = None, b""

    def is_idle(self):
        return self.left is None

    def ask(self, number):
        self.left, self.head = -1, b""
        self.socket.send(f"{self.method} {self.target.format(n=number)} HTTP/1.1\r\nHost: h\r\n\r\n".encode())

    def read(self):
        """False: the connection has ended."""
        try:
            got = self.socket.recv(256 if self.slow else 1 << 20)
        except BlockingIOError:
            return True
        if not got:
            return False
        if self.left == -1:
            self.head += got
            head, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return True
            length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            self.left = (int(length[0].split(b":")[1]) if length and self.method != "HEAD" else 0) - len(rest)
        else:
            self.left -= len(got)
        if self.left <= 0:
            self.left = None
        return True


def attack(host, port, kind, seconds):
    method, target, rate, slow = KINDS[kind]
    waits = selectors.DefaultSelector()
    crowd = [Attacker((host, port), method, target, slow) for _ in range(CONNECTIONS)]
    ends, began, asked, read = time.monotonic() + seconds, time.monotonic(), 0, 0
    try:
        for each in crowd:
            each.open(waits)
        while time.monotonic() < ends:
            for each in crowd:
                if each.is_idle() and (rate == 0 or asked < (time.monotonic() - began) * rate):
                    each.ask(asked)
                    asked += 1
            for key, _ in waits.select(0.01):
                read += 1
                if not key.data.read():
                    key.data.open(waits)
            if slow:
                time.sleep(0.05)
    except OSError:
        pass  # the daemon has stopped
    print(asked)


def scrape(address, patience=10):
    """The packed page; None where there is none."""
    connection = http.client.HTTPConnection(address, timeout=patience)
    try:
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        packed = answer.read()
        return packed if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def skipped_polls(address):
    packed = scrape(address, 60)
    return total(gzip.decompress(packed).decode(), "replmond_polls_skipped_total") if packed else float("nan")


def measure(build, kind, instances, seconds):
    with Fleet(build, instances, 100, "30s", CHANGING) as fleet:
        fleet.await_polls()
        address = fleet.daemon.address
        skipped = skipped_polls(address)
        before = fleet.daemon.memory()
        crowd = None
        if KINDS[kind]:
            crowd = subprocess.Popen([sys.executable, __file__, "--attack", address, f"--seconds={seconds + 5}", kind], stdout=subprocess.PIPE, text=True)
            time.sleep(1)
        times, failed, ends = [], 0, time.monotonic() + seconds
        while time.monotonic() < ends:
            began = time.monotonic()
            failed += 0 if scrape(address) else 1
            times.append(time.monotonic() - began)
            time.sleep(max(0, 0.2 - times[-1]))
        most = fleet.daemon.memory("VmHWM")
        skipped_now = skipped_polls(address) - skipped
        began = time.monotonic()
        fleet.daemon.process.send_signal(signal.SIGTERM)
        fleet.daemon.process.wait(timeout=120)
        stopped = time.monotonic() - began
        asked = 0
        if crowd:
            crowd.wait(timeout=60)
            asked = int(crowd.stdout.read() or 0)
        times.sort()
        print(f"{kind:12} {instances * 100:7} tasks: {asked:7} requests, {len(times)} scrapes, {failed} failed, median {times[len(times) // 2] * 1e3:.0f} ms, "
              f"p99 {times[len(times) * 99 // 100] * 1e3:.0f} ms, slowest {times[-1] * 1e3:.0f} ms; {skipped_now:.0f} polls skipped; "
              f"memory {before >> 20} -> {most >> 20} MiB; SIGTERM {stopped:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--attack")
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS])
    given = parser.parse_args()
    if given.attack:
        host, port = given.attack.rsplit(":", 1)
        attack(host, int(port), given.kinds[0], given.seconds)
        return
    for kind in given.kinds or KINDS:
        measure(given.build.resolve(), kind, given.instances, given.seconds)


if __name__ == "__main__":
    main()
