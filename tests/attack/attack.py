#!/usr/bin/env python3
"""Attacks replmond in every way that we know, all at once, and checks that nobody who is good notices.

  script/attack                 10 minutes with the release build, 10,000 tasks
  script/attack --minutes=N     --tasks=N (hundreds), --seed=N, --build=DIR, --only=NAME,…, --web=tls|passwords, --interval=SECONDS
  script/attack --list          the attacks

A simulated cloud with an honest fleet, a hostile cloud beside it, the daemon on a core of its own, the attackers on the others; all
on loopback, with bounded rates and an end. A scraper in a process of its own times every scrape; a still server on the daemon's core
is scraped beside it, so that a machine that stands still is told from a daemon that does. Prints what was attacked, how often, and a
row for each promise; exits with 1 where one is broken.
"""

import argparse
import json
import signal
import subprocess
import sys
import time

import process
import promises
import reload_attacks
from changes import Changes, Told
from fleet import ROOT, Fleet, processor_ns
from fleet_names import PASSWORDS, SECRETS
from support import wait_for
from verdict import Verdict, describe

ATTACKS = {
    "lost-slots": "a project of 40 instances whose server hangs is added and removed by reloads",
    "ended-key": "a metadata service repeats a temporary key that has ended",
    "crowd": "passwords in parallel, malformed and oversized requests",
    "half-said": "half a ClientHello, half a request, slow readers: 60 connections held open",
    "side-refusals": "error texts and the HTAP list answer 401, the list does not",
    "heavy-answers": "64 connections send HEAD of the API, others get heavy pages, slowly, sixteen at once",
    "web-file": "the web file is rewritten in place, emptied, removed, spoilt, while strangers try the door",
    "wrong-passwords": "60 wrong passwords a second, of known users and others, from eight addresses",
    "hostile-cloud": "names of 1 MB, absurd numbers, endless answers, secrets sent back",
    "signals": "SIGHUP in bursts",
    "cross-site": "reloads that another site asks for, foreign names",
    "holders": "512 connections that hold on",
}
PROJECTS = ("ended-key", "side-refusals", "hostile-cloud")  # there from the beginning; that of lost-slots comes and goes
ENDED_BY_US = 4096     # MiB: before the machine suffers
CHANGES_A_SECOND = 2


class Run:
    def __init__(self, options, say):
        self.options, self.say = options, say
        self.only = [name for name in ATTACKS if name in (options.only or ATTACKS)]
        self.fleet = Fleet(options)
        self.samples, self.pages, self.counts = [], {}, {}
        self.gone = None

    def settle(self):
        """Everything is started; nobody attacks yet."""
        self.fleet.start_clouds()
        self.fleet.start_daemon()
        for user in PASSWORDS:
            wait_for(lambda user=user: self.fleet.get("/metrics", user=user)[0] == 200, f"{user} to be let in")
        self.begin = self.fleet.resources()
        self.start_scrapers()
        self.reloads = reload_attacks.Reloads(self.fleet, [name for name in PROJECTS if name in self.only])
        self.reloads.write()
        status, text = self.fleet.get("/-/reload", "POST")
        if status != 200:
            raise SystemExit(f"script/attack: the projects under attack were not taken: {text}")

    def start_scrapers(self):
        door = self.fleet.door()
        self.scrapes = self.scraper("scraper", {**door, "password": PASSWORDS["prometheus"], "core": self.fleet.own[0], "pid": self.fleet.pid,
                                                "tasks": self.fleet.instances * min(100, self.options.tasks)})
        wait_for(lambda: self.lines("scraper"), "a scrape")
        size = self.lines("scraper")[0]["size"]
        still = self.fleet.start_python("still_server", {**door, "size": size, "key": str(self.fleet.folder / "web.key")}, cores=self.fleet.own)
        port = int(self.fleet.url_of(still).rsplit(":", 1)[1])
        self.still = self.scraper("still", {**door, "port": port})
        wait_for(lambda: self.lines("still"), "a scrape of the still server")

    def scraper(self, name, given):
        return self.fleet.start_python("scraper", {**given, "lines": str(self.fleet.folder / f"{name}.lines")}, name=name)

    def lines(self, name):
        path = self.fleet.folder / f"{name}.lines"
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def scraped(self, name):
        """Its scrapes of the time under attack."""
        return [line for line in self.lines(name) if self.began <= line["at"] <= self.ended]

    def start_web_attacks(self, name):
        return self.fleet.start_python("web_attacks", {**self.fleet.door(), "only": self.only, "report": str(self.fleet.folder / f"{name}.counts")},
                                       nice=10, name=name)

    def attack(self):
        """All at once, for as long as was asked for."""
        self.told = Told(self.fleet.daemon.out_file, SECRETS)
        self.changes = Changes(self.fleet, CHANGES_A_SECOND)
        self.before, before_at = self.metrics()
        self.began = time.monotonic()
        web = self.start_web_attacks("attackers")
        self.threads = [kind(self.reloads) for kind in reload_attacks.ATTACKS if kind.name_of in self.only]
        for thread in (*self.threads, self.changes):
            thread.start()
        self.watch()
        self.ended = time.monotonic()
        with self.reloads.lock:  # the web file is whole
            self.after, after_at = self.metrics()
        self.elapsed = after_at[0] - before_at[1], after_at[1] - before_at[0]
        self.idle = self.who_gave_up()
        self.effort = processor_ns(web.process.pid) / 1e9 if web.process.poll() is None else 0.0
        self.stop_attacks(web)

    def metrics(self):
        """The text, and between which times it was made."""
        began = time.monotonic()
        return self.fleet.get("/metrics")[1], (began, time.monotonic())

    def watch(self):
        seconds = self.options.minutes * 60
        every, said = min(10.0, seconds / 60), 0
        while (now := time.monotonic()) < self.began + seconds and self.gone is None:
            if now > self.began + seconds - 1.5 * self.options.interval - 1:
                self.changes.over.set()
            self.sample()
            if int(10 * (now - self.began) / seconds) > said:
                said += 1
                self.progress(now - self.began)
            time.sleep(max(0.0, every - (time.monotonic() - now)))

    def sample(self):
        now = self.fleet.resources()
        self.told.read()
        if not self.fleet.lives() or now is None:
            self.gone = f"it ended with {self.fleet.daemon.process.wait()}"
        else:
            self.samples.append(now)
            if now["rss"] > ENDED_BY_US:
                self.fleet.daemon.process.kill()
                self.gone = f"it had {now['rss']:.0f} MiB and was ended by this script"

    def progress(self, at):
        lines = self.lines("scraper")[-40:]
        latest = self.samples[-1] if self.samples else {"rss": 0, "fds": 0, "threads": 0}
        slowest = max((line["took"] for line in lines), default=0)
        failed = sum(line["status"] != 200 for line in lines)
        self.say(f"{at:6.0f} s  RSS {latest['rss']:6.1f} MiB  fds {latest['fds']:3}  threads {latest['threads']:2}  "
                 f"slowest answer of late {1000 * slowest:5.0f} ms  failed {failed} of {len(lines)}  "
                 f"changes {len(self.changes.made)}, told {len(self.told.transitions)}")

    def stop_attacks(self, web):
        """Attackers leave; then what they left behind is looked at."""
        self.scrapes.stop(signal.SIGKILL)
        self.still.stop(signal.SIGKILL)
        self.reloads.over.set()
        for thread in (*self.threads, self.changes):
            thread.join(timeout=60)
        time.sleep(1.1)  # their last report
        web.stop(signal.SIGKILL)
        self.counts = process.read(self.fleet.folder / "attackers.counts", {})
        for thread in self.threads:
            self.counts.setdefault(thread.name_of, {}).update(thread.counts)
        self.wait_for_events()
        for path in ("/config", "/", "/metrics", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events?limit=1000"):
            status, self.pages[path] = self.fleet.get(path)
            if not status:
                break  # the daemon is gone, or does not answer: that has rows of its own
        self.end = self.come_down()

    def who_gave_up(self):
        """Attackers that have not attacked to the end: then nothing is proved."""
        ended = [f"{program.out_file.stem}: {program.errors()[-500:]}" for program in self.fleet.programs
                 if program is not self.fleet.daemon and program.process.poll() is not None]
        ended += [f"the thread {thread.name}" for thread in (*self.threads, self.changes)
                  if not thread.is_alive() and not (thread is self.changes and thread.over.is_set())]
        return ended if self.fleet.lives() else []

    def wait_for_events(self):
        until = time.monotonic() + 2 * self.options.interval + 2
        while len(self.told.read().transitions) < len(self.changes.made) and time.monotonic() < until and self.fleet.lives():
            time.sleep(0.1)

    def come_down(self):
        """The daemon watches the honest project only, as at the beginning. What it has then, after half a minute at most."""
        if not self.fleet.lives():
            return None
        self.reloads.write(())
        self.fleet.get("/-/reload", "POST")
        until = time.monotonic() + 30
        while True:
            now = self.fleet.resources()
            if now is None or time.monotonic() > until or all(row.kept for row in promises.resource_rows(self.begin, now)):
                return now
            time.sleep(0.25)

    def stop(self):
        """SIGTERM, with the attacks going on once more."""
        if not self.fleet.lives():
            return 0.0, self.fleet.daemon.process.returncode
        self.reloads.write([name for name in (*PROJECTS, "lost-slots") if name in self.only])
        self.fleet.get("/-/reload", "POST")
        web = self.start_web_attacks("last")
        time.sleep(min(5.0, self.options.minutes * 6))
        began = time.monotonic()
        self.fleet.daemon.process.send_signal(signal.SIGTERM)
        try:
            code = self.fleet.daemon.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.fleet.daemon.process.kill()
            code = "nothing within 60 s: it was killed"
        took = time.monotonic() - began
        web.stop(signal.SIGKILL)
        return took, code


def run(options, say=print):
    """The rows of all promises."""
    attacked = Run(options, say)
    try:
        attacked.settle()
        attacked.attack()
        rows = Verdict(attacked, *attacked.stop()).rows()
        say("\n" + describe(attacked) + "\n")
        attacked.told.close()
        return rows
    finally:
        attacked.fleet.end()


def parse(arguments):
    options = argparse.ArgumentParser(prog="script/attack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--tasks", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--interval", type=int, default=10, help="seconds between two polls of an honest instance")
    options.add_argument("--build", default=str(ROOT / "build/release"))
    options.add_argument("--web", choices=("tls", "passwords"), default="tls")
    options.add_argument("--only", type=lambda text: text.split(","), default=None)
    options.add_argument("--keep", action="store_true", help="leave the folder with all outputs")
    options.add_argument("--list", action="store_true")
    given = options.parse_args(arguments)
    if unknown := [name for name in given.only or () if name not in ATTACKS]:
        options.error(f"unknown attack {unknown[0]}; there are {', '.join(ATTACKS)}")
    return given


def main():
    options = parse(sys.argv[1:])
    if options.list:
        print("\n".join(f"{name:16} {says}" for name, says in ATTACKS.items()))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = run(options, lambda text: print(text, flush=True))
    width = max(len(row.promise) for row in rows)
    for row in rows:
        print(f"{'kept  ' if row.kept else 'BROKEN'}  {row.promise:{width}}  {row.figure}")
    broken = sum(not row.kept for row in rows)
    print(f"\n{broken} of {len(rows)} promises are broken" if broken else "\nall promises are kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
