"""What the honest cloud did and when, and whether the daemon told each of it once, in order."""

import collections
import datetime
import json
import random
import threading
import time

from fleet import many

STAGES = ("wait", "full", "incremental", "paused", "cancelled")
BETWEEN = 3  # intervals between two changes of a task: each is seen by a poll of its own
MOST_SHOWN = 5


class Changes(threading.Thread):
    """Moves tasks of the honest fleet to other stages, about `rate` a second, until it is told to stop."""

    def __init__(self, fleet, rate):
        super().__init__(daemon=True)
        self.fleet, self.rate = fleet, rate
        self.dice = random.Random(f"{fleet.options.seed}/changes")
        self.over = threading.Event()
        self.made = []  # (when, instance, task, stage)
        self.last = {}  # (instance, task) to when, and the stage that it has
        self.identifiers = many(fleet.instances)
        self.tasks = min(100, fleet.options.tasks)

    def run(self):
        while not self.over.wait(self.dice.uniform(0, 2 / self.rate)):
            number = self.dice.randrange(len(self.identifiers))
            task = f"task_{self.dice.randint(1, self.tasks):03}"
            key = f"honest-{number + 1:04}", task
            when, stage = self.last.get(key, (0, "incremental"))
            following = self.dice.choice([one for one in STAGES if one != stage])
            if time.monotonic() - when > BETWEEN * self.fleet.options.interval:
                self.last[key] = time.monotonic(), following
                self.fleet.control("tasks", {"instance": self.identifiers[number], "task_name": task, "set": {"stage": following}})
                self.made.append((time.time(), *key, following))

    def stop(self):
        self.over.set()
        self.join()


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Told:
    """The daemon's lines, read as they grow. Keeps the transitions of the honest project, the events with a number, and what is wrong
    with a line: too long, no JSON, a secret in it."""

    MOST_LINE = 16 * 1024

    def __init__(self, path, secrets):
        self.file = open(path, "rb")
        self.secrets = [secret.encode() for secret in secrets]
        self.rest = b""
        self.transitions, self.numbered, self.wrong = [], [], []
        self.lines, self.longest = 0, 0

    def close(self):
        self.file.close()

    def read(self):
        while piece := self.file.read(1 << 20):
            *whole, self.rest = (self.rest + piece).split(b"\n")
            for line in whole:
                self.take(line)
        return self

    def take(self, line):
        self.lines += 1
        self.longest = max(self.longest, len(line) + 1)
        if len(line) + 1 >= self.MOST_LINE:
            self.wrong.append(f"a line of {len(line) + 1} bytes: {line[:120]!r}")
        for secret in self.secrets:
            if secret in line:
                self.wrong.append(f"a secret: {line[:300]!r}")
        try:
            event = json.loads(line)
        except ValueError:
            self.wrong.append(f"no JSON: {line[:120]!r}")
            return
        if "event_id" in event:
            self.numbered.append(event["event_id"])
        if event.get("event") == "stage_transition" and event.get("project") == "honest":
            self.transitions.append((seconds_of(event["time"]), event["starrocks_instance"], event["task"], event.get("from"), event.get("to")))


def by_task(made, told):
    """(instance, task) to the steps that it made, and those that were told, each as (from, to)."""
    steps = collections.defaultdict(lambda: ([], []))
    for _, instance, task, stage in made:
        happened = steps[instance, task][0]
        happened.append((happened[-1][1] if happened else "incremental", stage))
    for _, instance, task, before, after in told:
        steps[instance, task][1].append((before, after))
    return steps


def audit(made, told):
    """Mistakes: every change is told once, in order, and nothing else is."""
    return [f"{instance} {task}: it went {happened}, told was {said}"
            for (instance, task), (happened, said) in sorted(by_task(made, told).items()) if happened != said]


def audit_numbers(numbered, stored):
    """`numbered`: event_id of each line, `stored`: of each event of the file. Each number once, in order, in both."""
    mistakes = []
    for what, numbers in (("printed", numbered), ("stored", stored)):
        doubled = [after for before, after in zip(numbers, numbers[1:]) if after <= before]
        if doubled:
            mistakes.append(f"{what} twice or out of order: {doubled[:MOST_SHOWN]}")
    for what, missing in (("printed, not stored", set(numbered) - set(stored)), ("stored, not printed", set(stored) - set(numbered))):
        if missing:
            mistakes.append(f"{what}: {len(missing)}, such as {sorted(missing)[:MOST_SHOWN]}")
    return mistakes


def delays(made, told):
    """Seconds from each change to its line, for those whose line is there."""
    lines = collections.defaultdict(list)
    for when, instance, task, _, after in told:
        lines[instance, task, after].append(when)
    found = []
    for when, instance, task, stage in made:
        later = [line for line in lines[instance, task, stage] if line >= when - 0.01]
        if later:
            found.append(later[0] - when)
    return sorted(found)
