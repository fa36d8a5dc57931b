"""Compares what runs of the daemon stored, printed and export with what the cloud did. Pure.

A mistake is a line of text. Nothing here knows how or when the daemon was killed.
"""

import collections
import datetime
import re


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def check_lines(stored, runs):
    """`stored`: events of the file, oldest first; `runs`: the events that each run printed, in order."""
    mistakes = []
    ids = [e["event_id"] for e in stored]
    if ids != list(range(1, len(ids) + 1)):
        mistakes.append(f"the file has not every number once: {ids}")
    by_id = {e["event_id"]: e for e in stored}
    seen = set()
    for number, lines in enumerate(runs):
        last = 0
        for line in lines:
            line = dict(line)
            replayed = line.pop("replayed", False)
            of = line["event_id"]
            if of <= last:
                mistakes.append(f"run {number} printed event {of} after {last}")
            last = of
            if of not in by_id:
                mistakes.append(f"run {number} printed event {of} ({line['event']}), which is not stored")
            elif by_id[of] != line:
                mistakes.append(f"run {number} printed event {of} as {line}, stored is {by_id[of]}")
            if of in seen and not replayed:
                mistakes.append(f"run {number} printed event {of} again, without replayed=true")
            seen.add(of)
    mistakes += [f"event {of} ({by_id[of]['event']}) was never printed" for of in ids if of not in seen]
    return mistakes


class Walk:
    """Finds what was observed in what happened, in this order; what came and went in between may be missed."""

    def __init__(self, history):
        self.history = history
        self.at = -1

    def reaches(self, value):
        for place in range(self.at + 1, len(self.history)):
            if self.history[place] == value:
                self.at = place
                return True
        return False


def went_backwards(before, now):
    """A task that comes back so was built anew: its ages and alerts begin anew."""
    way = ["wait", "full", "incremental"]
    return now in way and way.index(now) < (way.index(before) if before in way else 2)


class TaskChain:
    """The events of one task: each begins where the one before ended."""

    def __init__(self, name, history, repeat_interval, slack):
        self.name = name
        self.stages = Walk([h and h["stage"] for h in history])
        self.least_repeat = repeat_interval - slack
        self.stage = None  # None: not listed
        self.left_at = None  # the stage at which it was last listed
        self.arrived_at = None  # it came back there, and its stage_transition is to come
        self.stage_changed = None
        self.alert = None  # the last replication_abnormal of a fault that has not ended
        self.repair = False
        self.mistakes = []

    def wrong(self, event, why):
        self.mistakes.append(f"{self.name}: event {event['event_id']} {event['event']}: {why}")

    def take(self, event):
        step = getattr(self, event["event"], None)
        if step is None:
            self.wrong(event, "nobody expected it")
        else:
            step(event)

    def reach(self, event, stage):
        if not self.stages.reaches(stage):
            self.wrong(event, f"the cloud was not at {stage} then")

    def task_discovered(self, event):
        if self.stage is not None:
            self.wrong(event, "it was there")
        self.reach(event, event["stage"])
        if self.left_at is None or went_backwards(self.left_at, event["stage"]):
            self.stage = event["stage"]
            self.stage_changed = event["time"]
            self.alert = None
            self.repair = False
        else:
            self.stage = self.left_at
            self.arrived_at = event["stage"] if self.stage != event["stage"] else None

    def task_gone(self, event):
        if self.stage != event["stage"]:
            self.wrong(event, f"it was at {self.stage}, not at {event['stage']}")
        self.reach(event, None)
        self.left_at = self.stage
        self.stage = None

    def stage_transition(self, event):
        if self.stage != event["from"]:
            self.wrong(event, f"from {event['from']}, but it was at {self.stage}")
        if self.arrived_at is None:
            self.reach(event, event["to"])
        elif self.arrived_at != event["to"]:
            self.wrong(event, f"it came back at {self.arrived_at}")
        self.arrived_at = None
        self.stage = event["to"]
        self.stage_changed = event["time"]

    def replication_abnormal(self, event):
        if event["repeat"] == 0:
            if self.alert:
                self.wrong(event, "the fault before has not ended")
        elif not self.alert:
            self.wrong(event, "nothing to repeat")
        else:
            if (event["repeat"], event["since"]) != (self.alert["repeat"] + 1, self.alert["since"]):
                self.wrong(event, f"repeat {event['repeat']} since {event['since']} after {self.alert}")
            if seconds_of(event["time"]) - seconds_of(self.alert["time"]) < self.least_repeat:
                self.wrong(event, "repeated too early")
        self.alert = event

    def replication_recovered(self, event):
        if not self.alert:
            self.wrong(event, "nothing to recover from")
        self.alert = None

    def repair_needed(self, event):
        if self.repair:
            self.wrong(event, "it was needed already")
        self.repair = True

    def repair_done(self, event):
        if not self.repair:
            self.wrong(event, "it was not needed")
        self.repair = False

    def ended(self, truth, exported):
        if self.mistakes:
            return self.mistakes
        if self.stage != (truth and truth["stage"]):
            self.mistakes.append(f"{self.name}: ends at {self.stage}, the cloud's at {truth}")
        if truth and (self.alert is not None) != (truth["status"] == "No"):
            self.mistakes.append(f"{self.name}: the alert is {self.alert}, the cloud says {truth}")
        if truth and self.repair != truth["need_repair"]:
            self.mistakes.append(f"{self.name}: needs repair {self.repair}, the cloud says {truth}")
        if exported and exported["stage_changed"] != round(seconds_of(self.stage_changed), 3):
            self.mistakes.append(f"{self.name}: stage_changed is {exported['stage_changed']}, not {self.stage_changed}")
        return self.mistakes


def check_polls(events, repeat_interval, slack):
    """poll_failed and poll_recovered of one instance."""
    mistakes = []
    failed = None
    for event in events:
        if event["event"] == "poll_recovered":
            if not failed:
                mistakes.append(f"event {event['event_id']}: poll_recovered without a failure")
            failed = None
        else:
            if failed and failed["result"] == event["result"] and \
                    seconds_of(event["time"]) - seconds_of(failed["time"]) < repeat_interval - slack:
                mistakes.append(f"event {event['event_id']}: poll_failed again too early")
            failed = event
    return mistakes


def check_chains(stored, histories, exported, repeat_interval, slack):
    """`histories`: (instance, task) to its states in order, None where it is not listed; `exported`: the same to
    what the daemon shows."""
    chains = {key: TaskChain("/".join(key), history, repeat_interval, slack) for key, history in histories.items()}
    polls = collections.defaultdict(list)
    mistakes = []
    for event in stored:
        key = (event.get("starrocks_instance"), event.get("task"))
        if key in chains:
            chains[key].take(event)
        elif event["event"] in ("poll_failed", "poll_recovered"):
            polls[key[0]].append(event)
        else:
            mistakes.append(f"nobody expected event {event}")
    for key, chain in chains.items():
        truth = histories[key][-1]
        mistakes += chain.ended(truth, exported.get(key))
        if bool(truth) != (key in exported):
            mistakes.append(f"{key}: exported {exported.get(key)}, the cloud has {truth}")
        elif truth and any(exported[key][k] != truth[k] for k in ("stage", "status", "percentage", "need_repair")):
            mistakes.append(f"{key}: exported {exported[key]}, the cloud has {truth}")
    for of in polls.values():
        mistakes += check_polls(of, repeat_interval, slack)
    return mistakes


def check_counters(stored, metrics):
    """Transitions counted are transitions stored: both are in one transaction."""
    counted = collections.Counter()
    for labels, value in re.findall(r"(?m)^starrocks_replication_stage_transitions_total\{(.*)\} (\d+)$", metrics):
        label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if value != "0":
            counted[label["starrocks_instance"], label["from"], label["to"]] = int(value)
    told = collections.Counter((e["starrocks_instance"], e["from"], e["to"]) for e in stored
                               if e["event"] == "stage_transition")
    return [] if counted == told else [f"transitions counted: {dict(counted)}, stored: {dict(told)}"]


def exported_tasks(metrics):
    """(instance, task) to what /metrics says of it."""
    tasks = collections.defaultdict(dict)
    for name, labels, value in re.findall(r"(?m)^starrocks_replication_(\w+)\{(.*)\} (\S+)$", metrics):
        label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if "task" not in label:
            continue
        task = tasks[label["starrocks_instance"], label["task"]]
        if name == "stage" and value == "1":
            task["stage"] = label["stage"]
        elif name == "status":
            task["status"] = "Yes" if value == "1" else "No"
        elif name == "progress_ratio":
            task["percentage"] = round(float(value) * 100, 3)
        elif name == "needs_repair":
            task["need_repair"] = value == "1"
        elif name == "stage_changed_timestamp_seconds":
            task["stage_changed"] = round(float(value), 3)
    return dict(tasks)
