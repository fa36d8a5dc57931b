#!/usr/bin/env python3
"""A good scraper, in a process of its own: every half second, on a connection that it keeps where the server does.

What it scrapes with the password is the daemon; what it scrapes without is the still server beside it, which tells how long the
machine alone takes. Each scrape leaves a line of JSON.
"""

import base64
import http.client
import itertools
import json
import ssl
import time
import zlib

import process

EVERY = 0.5
TIMEOUT = 10  # as Prometheus has it
CLOSED = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
LOOKED_AT = 20  # every so many pages are unpacked, after their time was taken
TICK = 0.01  # of /proc/stat


class Core:
    """Time that the daemon's first thread wanted its core and others had it: it is not to blame for that."""

    def __init__(self, given):
        self.name, self.pid = f"cpu{given['core']}" if given.get("pid") else None, given.get("pid")

    def taken(self):
        """(seconds that others have used the core, seconds that the thread has waited for it), both since ever."""
        if not self.name:
            return 0.0, 0.0
        with open("/proc/stat", encoding="ascii") as lines:
            words = next(line.split() for line in lines if line.startswith(self.name + " "))
        busy = sum(int(words[n]) for n in (1, 2, 3, 8)) * TICK  # user, nice, system, steal
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            waited = int(file.read().split()[1]) / 1e9
        return busy - time.clock_gettime_ns((~self.pid << 3) | 2) / 1e9, waited


class Scraper:
    def __init__(self, given):
        self.port = given["port"]
        self.headers = {"Accept": "text/plain;version=0.0.4", "Accept-Encoding": "gzip"}
        if given.get("password"):
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"prometheus:{given['password']}".encode()).decode()
        self.context = ssl.create_default_context(cafile=given["ca"]) if given["ca"] else None
        self.buffer = bytearray(32 << 20)
        self.connection = None

    def connect(self):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=TIMEOUT, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)

    def ask(self, path):
        self.connection = self.connection or self.connect()
        self.connection.request("GET", path, headers=self.headers)
        return self.connection.getresponse()

    def once(self, path):
        """The line of one request. A kept connection that was closed while nothing was asked is opened anew, once."""
        line = {"path": path, "at": time.monotonic(), "status": 0, "size": 0}
        kept = self.connection is not None
        try:
            try:
                answer = self.ask(path)
            except CLOSED:
                if not kept:
                    raise
                line["again"] = True
                self.drop()
                answer = self.ask(path)
            view = memoryview(self.buffer)
            while got := answer.readinto(view[line["size"]:]):
                line["size"] += got
            line["status"] = answer.status
            length = answer.getheader("Content-Length")
            if length is not None and int(length) != line["size"]:
                raise http.client.IncompleteRead(b"", int(length) - line["size"])
            if answer.will_close:
                self.drop()
        except (OSError, http.client.HTTPException) as error:
            line["status"], line["error"] = 0, f"{type(error).__name__}: {error}"[:200]
            self.drop()
        line["took"] = time.monotonic() - line["at"]
        return line

    def incomplete(self, size, tasks):
        """What is wrong with the page of so many bytes that was read last; it has to show all tasks of the honest project."""
        try:
            found = zlib.decompress(memoryview(self.buffer)[:size], 31).count(b'\nstarrocks_replication_status{project="honest",')
            return None if found == tasks else f"{found} of {tasks} tasks are on the page"
        except zlib.error as error:
            return f"no gzip: {error}"

    def drop(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def main():
    given = process.settings()
    core, scraper = Core(given), Scraper(given)
    asked = [(scraper, "/metrics"), (Scraper(given), "/-/healthy")][:2 if given.get("password") else 1]
    due = time.monotonic()
    with open(given["lines"], "w", encoding="utf-8", buffering=1) as lines:
        for number in itertools.count():
            time.sleep(max(0, due - time.monotonic()))
            due = max(due + EVERY, time.monotonic() - EVERY)
            try:
                for one, path in asked:
                    before = core.taken()
                    line = one.once(path)
                    line["others"] = max(0.0, min(now - then for now, then in zip(core.taken(), before)))
                    if path == "/metrics" and given.get("tasks") and line["status"] == 200 and number % LOOKED_AT == 0:
                        wrong = one.incomplete(line["size"], given["tasks"])
                        line.update({"status": 0, "error": wrong} if wrong else {})
                    lines.write(json.dumps(line) + "\n")
            except (OSError, StopIteration):  # the daemon is gone
                lines.write(json.dumps({**scraper.once("/metrics"), "others": 0.0}) + "\n")


if __name__ == "__main__":
    main()
