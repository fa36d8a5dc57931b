"""Attacks by what the daemon is told: configurations, signals, and its web file. Each is a thread with seeded pauses.

A web file without protection is valid where it says so, and an explicit reload may take it. So whoever spoils the file keeps others from
reloading until it is whole again. With a file that says nothing, is a mistake or gone it reloads on purpose: that must be refused.
"""

import collections
import random
import signal
import threading
import time

from fleet import bcrypt, replace

EXPECTED = "reloads of the operator answered"
REFUSED = "reloads of the operator NOT answered 200"
OBEYED = "A WEB FILE WITH A MISTAKE WAS TAKEN"


class Reloads:
    """What attacks have in common: the configuration's parts, and one at a time."""

    def __init__(self, fleet, parts):
        self.fleet, self.parts = fleet, set(parts)
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.counts = {}

    def write(self, parts=None):
        if parts is not None:
            self.parts = set(parts)
        replace(self.fleet.config, self.fleet.configuration.text(self.parts))

    def signal(self, times=1):
        for _ in range(times):
            if self.fleet.lives():
                self.fleet.daemon.process.send_signal(signal.SIGHUP)

    def post(self, counts):
        """An honest reload, which has to be answered."""
        status, text = self.fleet.get("/-/reload", "POST")
        counts[EXPECTED if status == 200 else REFUSED] += 1
        if status != 200:
            counts[f"{REFUSED}: {status} {text[:80]!r}"] += 1


class Attack(threading.Thread):
    pause = (1.0, 4.0)

    def __init__(self, reloads):
        super().__init__(daemon=True, name=self.name_of)
        self.reloads, self.fleet = reloads, reloads.fleet
        self.dice = random.Random(f"{self.fleet.options.seed}/{self.name_of}")
        self.counts = collections.Counter()

    def run(self):
        while not self.reloads.over.wait(self.dice.uniform(*self.pause)):
            with self.reloads.lock:
                if not self.reloads.over.is_set():
                    self.turn()


class LostSlots(Attack):
    """Adds and removes a project of 40 instances whose server hangs."""

    name_of, pause = "lost-slots", (1.0, 6.0)

    def turn(self):
        self.reloads.write(self.reloads.parts ^ {"lost-slots"})
        self.counts["reloaded"] += 1
        if self.dice.random() < 0.5:
            self.reloads.signal()
        else:
            self.reloads.post(self.counts)


class Signals(Attack):
    """SIGHUP in bursts."""

    name_of, pause = "signals", (3.0, 15.0)

    def turn(self):
        for _ in range(self.dice.randint(1, 40)):
            self.reloads.signal(self.dice.choice([1, 1, 5]))
            self.counts["SIGHUP"] += 1
            time.sleep(self.dice.choice([0, 0.001, 0.02]))


class WebFile(Attack):
    """The web file is rewritten in place, emptied, removed, spoilt, and whole again."""

    name_of, pause = "web-file", (0.5, 4.0)

    def __init__(self, reloads):
        super().__init__(reloads)
        self.whole = self.fleet.web_text
        self.more = self.whole + f"  visitor: {bcrypt('nobody-uses-this', 10)}\n"

    def turn(self):
        """Begins with two reloads: when the second is answered, all signals of before have been obeyed."""
        self.reloads.post(self.counts)
        self.reloads.post(self.counts)
        how = self.dice.choice([self.in_place, self.in_place, self.unprotected, self.emptied, self.removed, self.spoilt, self.another_user])
        how()
        replace(self.fleet.web, self.whole)
        self.counts[how.__name__.replace("_", " ")] += 1
        if self.dice.random() < 0.5:
            time.sleep(self.dice.uniform(0, 0.2))
            self.reloads.post(self.counts)

    def wait(self):
        time.sleep(self.dice.choice([0.01, 0.1, 0.5, 1.5]))

    def in_place(self):
        """As an editor or a copying program does, which is slow today."""
        for _ in range(self.dice.randint(1, 10)):
            cut = self.dice.randrange(len(self.whole))
            with open(self.fleet.web, "w", encoding="utf-8") as file:
                time.sleep(self.dice.uniform(0, 0.02))
                file.write(self.whole[:cut])
                file.flush()
                time.sleep(self.dice.uniform(0, 0.05))
                file.write(self.whole[cut:])

    def unprotected(self):
        """Valid, but nobody has asked to take it."""
        self.fleet.web.write_text(self.dice.choice(["{}\n", "http_server_config: {}\n", self.whole.split("basic_auth_users")[0] or "{}\n"]))
        self.wait()

    def emptied(self):
        self.fleet.web.write_text(self.dice.choice(["", "# nothing\n"]))
        self.wait()
        self.reload_on_purpose()

    def removed(self):
        self.fleet.web.unlink()
        self.wait()
        self.reload_on_purpose()

    def spoilt(self):
        self.fleet.web.write_text(self.dice.choice(["basic_auth_users:\n", "basic_auth_users: {}\n", "basic_auth_users: {prometheus: plain}\n",
                                                    self.whole + "surprise: 1\n", self.whole.replace("$2y$", "$1$"), ": : :\n"]))
        self.wait()
        self.reload_on_purpose()

    def reload_on_purpose(self):
        """Must be refused: 500 with the mistake."""
        status, _ = self.fleet.get("/-/reload", "POST")
        self.counts["reload of a mistake: " + ("refused" if status == 500 else str(status))] += 1
        if status == 200:
            self.counts[OBEYED] += 1

    def another_user(self):
        replace(self.fleet.web, self.more)
        self.wait()
        self.reloads.post(self.counts)


ATTACKS = (LostSlots, Signals, WebFile)
