"""A few kills by crash_harness.py, and a check of its audit: it has to find what it is there for."""

import copy
import unittest

import crash_audit
import crash_harness
from support import EndToEnd


class Crash(EndToEnd):
    def test_nothing_is_lost_or_doubled(self):
        mistakes, facts = crash_harness.crash(self.folder, kills=5, seed=20261122)
        self.assertEqual(mistakes, [])
        self.assertEqual((facts["runs"], facts["kills"]), (6, {"line": 1, "call": 3, "start": 1}))
        self.assertGreater(facts["events"], 30)


def at(number, name, second, **fields):
    return {"event_id": number, "time": f"2026-11-22T01:00:{second:02}.000Z", "event": name, "starrocks_instance": "i",
            "task": "t", **fields}


SINCE = "2026-11-22T01:00:02.000Z"
STORED = [
    at(1, "task_discovered", 1, stage="full"),
    at(2, "replication_abnormal", 2, repeat=0, since=SINCE),
    at(3, "stage_transition", 3, **{"from": "full", "to": "incremental"}),
    at(4, "replication_abnormal", 5, repeat=1, since=SINCE),
    at(5, "replication_recovered", 6),
    at(6, "stage_transition", 7, **{"from": "incremental", "to": "paused"}),
]
FULL = {"stage": "full", "status": "Yes", "percentage": 1.0, "need_repair": False}
HISTORY = [FULL, {**FULL, "stage": "incremental"}, {**FULL, "stage": "wait"}, {**FULL, "stage": "paused"}]
EXPORTED = {**HISTORY[-1], "stage_changed": round(crash_audit.seconds_of("2026-11-22T01:00:07.000Z"), 3)}


class Audit(unittest.TestCase):
    def lines(self, *runs):
        return crash_audit.check_lines(STORED, runs)

    def chains(self, change=lambda stored: None, history=None, exported=None):
        stored = copy.deepcopy(STORED)
        change(stored)
        return crash_audit.check_chains(stored, {("i", "t"): history or HISTORY}, {("i", "t"): exported or EXPORTED}, 3, 0.1)

    def test_finds_nothing_where_nothing_is_wrong(self):
        self.assertEqual(self.lines(STORED), [])
        again = {**STORED[2], "replayed": True}
        self.assertEqual(self.lines(STORED[:3], [again, *STORED[3:]]), [])
        self.assertEqual(self.lines(STORED[:2], [again, *STORED[3:]]), [])
        self.assertEqual(self.chains(), [])

    def test_finds_lines_that_are_wrong(self):
        self.assertIn("never printed", self.lines(STORED[:5])[0])
        self.assertIn("again, without replayed=true", self.lines(STORED[:3], STORED[2:])[0])
        self.assertIn("not stored", self.lines([*STORED, at(7, "task_gone", 8)])[0])
        self.assertIn("stored is", self.lines([*STORED[:5], {**STORED[5], "to": "wait"}])[0])
        self.assertIn("after 2", self.lines([STORED[1], STORED[0], *STORED[2:]])[0])
        self.assertIn("not every number", crash_audit.check_lines(STORED[1:], [STORED[1:]])[0])

    def test_finds_chains_that_are_broken(self):
        for change, said in [
                (lambda s: s.pop(2), "from incremental, but it was at full"),
                (lambda s: s.pop(5), "ends at incremental"),
                (lambda s: s.pop(4), "the alert is"),
                (lambda s: s.insert(1, s[0]), "it was there"),
                (lambda s: s.insert(2, s[1]), "has not ended"),
                (lambda s: s[3].update(repeat=2), "repeat 2 since"),
                (lambda s: s[3].update(since="2026-11-22T01:00:01.000Z"), "since"),
                (lambda s: s[3].update(time="2026-11-22T01:00:04.000Z"), "too early"),
                (lambda s: s[5].update(to="cancelled"), "the cloud was not at cancelled then"),
                (lambda s: s[5].update(time="2026-11-22T01:00:08.000Z"), "stage_changed is"),
                (lambda s: s.append(at(7, "surprise", 8)), "nobody expected it")]:
            self.assertIn(said, " ".join(self.chains(change)))
        self.assertIn("the cloud has", self.chains(exported={**EXPORTED, "percentage": 2.0})[0])
        self.assertIn("was not at incremental then", self.chains(history=[FULL, HISTORY[3]])[0])

    def test_finds_transitions_that_are_not_counted(self):
        sample = 'starrocks_replication_stage_transitions_total{project="p",starrocks_instance="i",from="%s",to="%s"} 1\n'
        counted = sample % ("full", "incremental") + sample % ("incremental", "paused")
        self.assertEqual(crash_audit.check_counters(STORED, counted), [])
        self.assertEqual(len(crash_audit.check_counters(STORED, sample % ("full", "incremental"))), 1)


if __name__ == "__main__":
    unittest.main()
