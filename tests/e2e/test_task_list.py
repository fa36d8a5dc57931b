"""`replmond task list`: the table, its JSON, its exit codes, on a terminal and in a pipe."""

import json
import unittest

from support import NO_REPAIR, config_for, http
from task_support import BILLING, ORDERS, TaskTest, cloud

GOOD = "{name: orders_main, source_database: orders, target_database: orders_sr, timeline: [{stage: incremental}]}"
BAD = ("{name: 订单同步, source_database: 订单, target_database: sr, main: false, timeline: [{stage: full, "
       "percentage: 42.5, status: No, need_repair: true, catchup_stage: full, catchup_percentage: 3}]}")
PAUSED = "{name: copy, source_database: copy, target_database: copy_sr, timeline: [{stage: paused, percentage: 100}]}"


FOOTER = r"\d+ tasks?: \d+ abnormal, \d+ needs? repair\n"


class List(TaskTest):
    def test_table(self):
        self.start_cloud([GOOD, BAD, PAUSED], speed=0)
        done = self.task("list")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "4 tasks: 1 abnormal, 1 needs repair\n")
        self.check_golden("task-list.txt", done.stdout)

    def test_json_is_what_the_daemon_serves(self):
        self.start_cloud([GOOD, BAD, PAUSED], speed=0)
        done = self.task("list", "--output=json")
        self.assertEqual(done.returncode, 2)
        listed = json.loads(done.stdout)
        self.check_golden("task-list.json", json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        daemon = self.start_daemon(self.config.read_text())
        self.wait_for_polls(daemon, "orders", 1)
        self.wait_for_polls(daemon, "billing", 1)
        text = http(daemon.url + "/api/v1/tasks")[2]

        def bare(task):  # a single poll knows nothing of when things changed
            return {k: v for k, v in task.items()
                    if not k.endswith("_changed") and k not in ("abnormal_since", "repair_since", "reason")}

        def by_name(tasks):
            return sorted((bare(task) for task in tasks), key=lambda task: (task["instance_id"], task["task"]))
        self.assertEqual(by_name(listed), by_name(json.loads(text)["data"]))

    def test_normal_is_0(self):
        self.start_cloud([GOOD, PAUSED], speed=0)
        self.check(self.task("list"), 0, r"INSTANCE .*copy.*orders_main.*", "3 tasks: 0 abnormal, 0 need repair\n")

    def test_one_instance_by_name_or_id(self):
        self.start_cloud([BAD], speed=0)
        for name in ("billing", BILLING):
            done = self.task("list", f"--instance={name}")
            self.check(done, 0, r"INSTANCE .*\nbilling +ledger .*\n", "1 task: 0 abnormal, 0 need repair\n")
        self.assertFalse([r for r in self.requests(self.simulator) if r["instance"] == ORDERS])

    def test_unknown_instance(self):
        self.start_cloud([GOOD], speed=0)
        self.check(self.task("list", "--instance=nope"), 1, None,
                   r"replmond: no StarRocks instance is called nope: there are billing, orders\nTry 'replmond task list --help'\.\n")
        self.check(self.task("list", "--instance=order"), 1, None,
                   r"replmond: no StarRocks instance is called order; did you mean orders\?\nTry 'replmond task list --help'\.\n")
        self.assertEqual(self.requests(self.simulator), [])

    def test_an_instance_that_cannot_be_read_is_1_and_the_others_are_shown(self):
        self.start_cloud([BAD], speed=0)
        self.control("faults", instance=BILLING, operation="list", status=404, error_code="DBS.201028",
                     error_msg="Instance not found.\u001b[2J")
        done = self.task("list")
        self.check(done, 1, r"INSTANCE .*订单同步.*\n",
                   FOOTER + r"replmond: billing could not be read: http 404 DBS\.201028: Instance not found\.\\x1b\[2J \(request .*\)\n")

    def test_a_cloud_that_hangs(self):
        self.start_cloud([GOOD], speed=0, timeout="300ms")
        self.control("faults", instance=BILLING, operation="list", hang=True)
        self.check(self.task("list"), 1, r"INSTANCE .*orders_main.*\n", FOOTER + r"replmond: billing could not be read: timeout: .*\n")
        self.assertGreater(len([r for r in self.requests(self.simulator) if r["instance"] == BILLING]), 1)

    def test_pages_that_contradict_each_other(self):
        more = [f"{{name: more_{n}, timeline: [{{stage: incremental}}]}}" for n in range(10)]  # two pages, however short they are
        self.start_cloud([GOOD, PAUSED, BAD, *more], speed=0)
        self.control("instances", instance=ORDERS, total_count_means="changing")
        self.check(self.task("list", "--instance=orders"), 1, r".*orders_main.*", FOOTER + r"replmond: orders could not be read: inconsistent.*\n")

    def test_one_failure_is_tried_again(self):
        self.start_cloud([GOOD], speed=0)
        self.control("faults", instance=ORDERS, operation="list", status=503, count=1)
        self.check(self.task("list"), 0, r".*orders_main.*", FOOTER)

    def test_discovered_instances(self):
        simulator = self.start_simulator(cloud([GOOD]), speed=0)
        self.simulator = simulator
        self.configure(config_for(simulator, [], project="discover: {interval: 10m}"))
        done = self.task("list")
        self.check(done, 0, r"INSTANCE .*\nbilling +ledger.*\norders +orders_main.*\n", FOOTER)
        self.check(self.task("list", "--instance=orders"), 0, r"INSTANCE .*\norders +orders_main.*\n", FOOTER)
        self.control("faults", instance="*", operation="instances", status=500)
        self.check(self.task("list"), 1, None, FOOTER + r"replmond: project demo: its instances could not be listed: http 500.*\n")

    def test_a_refused_credential(self):
        self.start_cloud([GOOD], speed=0)
        self.control("tokens", revoke="all")
        done = self.task("list", "--log.format=json")
        self.assertEqual(done.returncode, 1)
        self.assertIn('"event":"credential_refused"', done.stderr)
        self.assertIn("orders could not be read: auth", done.stderr)
        self.assertNotIn("e2e-secret-token", done.stdout + done.stderr)
        self.assertEqual(len(self.requests(self.simulator)), 1)  # the cloud locks a key after five

    def test_configuration_mistakes(self):
        self.configure("projects: 7\n")
        self.check(self.task("list"), 1, None, r"replmond: .*replmond\.yaml:1:11: .*\n")

    def test_nothing_that_the_cloud_names_moves_the_cursor(self):
        self.start_cloud([GOOD], speed=0)
        evil = "e\u001b[2J\r\n\u009b31m\u202evil"
        self.control("tasks", instance=ORDERS, task_name=evil, add=True,
                     set={"stage": "incremental", "source_database": "\u0007", "raw": {"stage": "\u001b]0;x\u0007"}})
        for text in (self.task("list").stdout, self.terminal_text("list", columns=300, env={"NO_COLOR": "1"})):
            text = text.replace("\r\n", "\n")
            self.assertNotRegex(text, "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]")
            self.assertIn(r"e\x1b[2J\x0d\n\x9b31m\u202evil", text)


    def names(self, *arguments):
        done = self.task("list", *arguments, "--output=json")
        self.assertEqual((done.returncode, done.stderr), (2, ""))  # of all tasks, whatever is shown
        return [task["task"] for task in json.loads(done.stdout)]

    def test_filters_and_orders(self):
        self.start_cloud([GOOD, BAD, PAUSED, "{name: odd, timeline: [{stage: incremental}]}"], speed=0)
        self.control("tasks", instance=ORDERS, task_name="odd", set={"raw": {"status": "Maybe"}})
        self.assertEqual(self.names(), ["订单同步", "odd", "copy", "ledger", "orders_main"])
        self.assertEqual(self.names("--sort=name"), ["copy", "ledger", "odd", "orders_main", "订单同步"])
        self.assertEqual(self.names("--sort=instance"), ["ledger", "copy", "odd", "orders_main", "订单同步"])
        self.assertEqual(self.names("--status=abnormal"), ["订单同步"])
        self.assertEqual(self.names("--status=No,unknown"), ["订单同步", "odd"])
        self.assertEqual(self.names("--status=yes"), ["copy", "ledger", "orders_main"])
        self.assertEqual(self.names("--stage=paused,full", "--status=normal"), ["copy"])
        done = self.task("list", "--stage=paused")
        self.check(done, 2, r"INSTANCE  TASK  .*\norders    copy  .*\n", "5 tasks: 1 abnormal, 1 needs repair; 1 shown\n")
        self.check(self.task("list", "--stage=cancelled"), 2, None, "5 tasks: 1 abnormal, 1 needs repair; 0 shown\n")

    def test_wide(self):
        self.start_cloud([GOOD, BAD], speed=0)
        done = self.task("list", "--wide")
        self.assertEqual(done.stdout.splitlines()[:2], [
            "PROJECT  INSTANCE  TASK         SOURCE -> TARGET     TYPE       STATUS    STAGE        PROGRESS  CATCH-UP  REPAIR",
            "demo     orders    订单同步     订单 -> sr           temporary  ABNORMAL  full         42.5%     full 3%   NEEDED"])


class OnATerminal(TaskTest):
    def table(self, columns, *arguments):
        text = self.terminal_text("list", *arguments, columns=columns, env={"NO_COLOR": "1"})
        return text.replace("\r\n", "\n")

    def test_80_columns(self):
        long = "{name: sync_customer_orders_eu_2026, source_database: crm, target_database: crm_sr, timeline: [{stage: paused}]}"
        self.start_cloud([GOOD, BAD, long], speed=0)
        self.assertEqual(self.table(80), f"""\
INSTANCE  TASK                          STATUS    STAGE        PROGRESS  REPAIR
orders    订单同步                      ABNORMAL  full         42.5%     NEEDED
orders    sync_customer_orders_eu_2026  normal    paused       0%        {NO_REPAIR}
billing   ledger                        normal    incremental  100%      {NO_REPAIR}
orders    orders_main                   normal    incremental  100%      {NO_REPAIR}
4 tasks: 1 abnormal, 1 needs repair
""")

    def test_200_columns_are_as_a_pipe(self):
        self.start_cloud([GOOD, BAD, PAUSED], speed=0)
        self.assertEqual(self.table(200), self.task("list").stdout + self.task("list").stderr)

    def test_names_are_cut_last_and_stay_different(self):
        similar = [f"{{name: replicate_the_orders_of_europe_{n}_to_starrocks, timeline: [{{stage: incremental}}]}}" for n in "ab"]
        self.start_cloud([BAD, *similar], speed=0)
        self.assertEqual(self.table(60), """\
INSTANCE  TASK                                      STATUS
orders    订单同步                                  ABNORMAL
billing   ledger                                    normal
orders    replicate_the_orders…rope_a_to_starrocks  normal
orders    replicate_the_orders…rope_b_to_starrocks  normal
4 tasks: 1 abnormal, 1 needs repair
""")
        self.assertIn("replicate_the_orders_of_europe_a_to_starrocks", self.table(40, "--wide"))

    def test_colours_only_there(self):
        self.start_cloud([GOOD, BAD], speed=0)
        self.assertIn("\x1b[1;31mABNORMAL\x1b[0m", self.terminal_text("list"))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            text = self.terminal_text("list", env=env)
            self.assertIn("ABNORMAL", text)
            self.assertNotIn("\x1b", text)
        self.assertIn("\x1b[1;31m", self.terminal_text("list", env={"NO_COLOR": ""}))
        self.assertNotIn("\x1b", self.task("list").stdout)

    def test_fits_its_width(self):
        name = "订单" * 30
        self.start_cloud([f"{{name: {name}, timeline: [{{stage: incremental}}]}}", BAD], speed=0)
        for columns in (40, 79, 100):
            text = self.terminal_text("list", columns=columns, env={"NO_COLOR": "1"})
            for line in text.splitlines():
                wide = sum(2 if ord(c) > 0x2e80 else 1 for c in line)
                self.assertLessEqual(wide, columns, line)
        self.assertIn(name, self.task("list").stdout)  # a pipe has no width


if __name__ == "__main__":
    unittest.main()
