"""The expressions that duplicates.py refuses, and those that it lets pass."""
import re
import unittest

import duplicates


class Duplicates(unittest.TestCase):
    def check(self, expected, expr, asked=False):
        found = " ".join(duplicates.mistakes(expr, asked))
        self.assertRegex(found, expected) if expected else self.assertEqual(found, "", expr)

    def test_watched(self):
        self.assertLessEqual({"starrocks_replication_status", "replmond_poll_success", "replmond_polls_total"}, duplicates.watched())
        self.assertFalse({"replmond_build_info", "replmond_credential_usable", "replmond_http_requests_total"} & duplicates.watched())

    def test_given_twice(self):
        for expr in ("starrocks_replication_status == 0", "time() - replmond_poll_last_success_timestamp_seconds > 300",
                     "max without (job, instance) (starrocks_replication_info)", "topk(5, starrocks_replication_progress_ratio)",
                     "max by (instance, task) (starrocks_replication_status)", "sum without (result) (rate(replmond_polls_total[5m]))",
                     "max by (task) (starrocks_replication_status) or starrocks_replication_status",
                     'label_replace(starrocks_replication_status, "a", "b", "c", "d")'):
            self.check("gives an instance or a task twice", expr)

    def test_counted_twice(self):
        for expr in ("sum(1 - replmond_poll_success)", "count by (project) (starrocks_replication_status == 0)", "avg(starrocks_replication_progress_ratio)",
                     "sum by (project) (max by (instance, task) (starrocks_replication_status))",
                     "sum(increase(starrocks_replication_stage_transitions_total[5m]))"):
            self.check("counts an instance twice", expr)

    def test_joined_with_two(self):
        info = "starrocks_replication_info"
        status = "max by (task) (starrocks_replication_status)"
        for expr in (f"{status} * on (task) group_left (team) {info}", f"{info} * on (task) group_right () {status}",
                     f"max by (task) (starrocks_replication_status * on (task) {info})"):
            self.check("fails where two", expr)
        self.check("never matches", f"max by (task) (starrocks_replication_status and ignoring (stage) {status})")
        self.check("never matches", f"{status} > starrocks_replication_status")
        self.check("never matches", "starrocks_replication_status * on (job, instance) group_left () max by (task) (replmond_build_info)")

    def test_right(self):
        for expr in ("max by (task) (a and on (task) starrocks_replication_status)", "sum by (stage) (max by (task, stage) (starrocks_replication_stage))",
                     "max by (task) (starrocks_replication_status * on (task) group_left () max by (task) (starrocks_replication_info))",
                     "60 * sum by (result) (rate(replmond_polls_total[5m]))", "# a comment\nup offset 5m == 1", "-(1e9 + time()) ^ 2",
                     'max by (task) (max_over_time(starrocks_replication_stage{stage=~"a|}"}[1h:5m] @ end())) == bool 1',
                     "count(replmond_build_info)", "max by (task) (starrocks_replication_status * on (job, instance) group_left () topk(1, up or up))", "topk by (task) (1, max by (task) (starrocks_replication_status))"):
            self.check("", expr)
        self.check("", "count by (job, instance) (replmond_poll_success)", asked=True)
        self.check("twice", "count by (job, instance) (replmond_poll_success)")

    def test_what_cannot_be_read_is_told(self):
        for expr in ("sum(a", "a b", "a ? b", ")"):
            with self.assertRaises(ValueError):
                duplicates.mistakes(expr)

    def test_the_expressions_that_people_are_shown(self):
        text = (duplicates.ROOT / "dashboards/README.md").read_text()
        table = text.split("| question | expression |")[1]
        found = re.findall(r"(?m)^\| [^|]+ \| `(.+)` \|$", table)
        self.assertGreaterEqual(len(found), 4)
        for expr in found:
            self.check("", expr.replace("…", "max by (project, starrocks_instance, task) (starrocks_replication_status)"))


if __name__ == "__main__":
    unittest.main()
