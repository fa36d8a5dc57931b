"""`replmond task show`: everything that is known of one task."""

import json
import unittest

from task_support import BILLING, ORDERS, TaskTest

BROKEN = ("{name: 订单同步, source_database: 订单, target_database: sr, main: false, timeline: [{stage: full, "
          "percentage: 42.5, status: No, need_repair: true, catchup_stage: full, catchup_percentage: 3, "
          "error_msg: binlog is gone, last_error_of_alter_table: no such column}]}")
NAMED = ["--instance=orders", "--task-name=订单同步"]


class Show(TaskTest):
    def test_lines(self):
        self.start_cloud([BROKEN], speed=0)
        done = self.task("show", *NAMED)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.check_golden("task-show.txt", done.stdout)
        self.control("instances", instance=ORDERS, camel_case=True)  # Terraform's names for the same
        self.assertEqual(self.task("show", *NAMED).stdout, done.stdout)

    def test_json(self):
        self.start_cloud([BROKEN], speed=0)
        done = self.task("show", *NAMED, "--output=json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.check_golden("task-show.json", json.dumps(json.loads(done.stdout), indent=2, ensure_ascii=False) + "\n")

    def test_no_such_task(self):
        self.start_cloud([BROKEN], speed=0)
        self.check(self.task("show", "--instance=orders", "--task-name=nope"), 1, None,
                   r"replmond: orders has no task nope; replmond task list shows those that there are\n"
                   r"Try 'replmond task show --help'\.\n")

    def test_a_name_that_was_meant(self):
        self.start_cloud(["{name: orders_main, timeline: [{stage: incremental}]}"], speed=0)
        self.check(self.task("show", "--instance=orders", "--task-name=ordrs_main"), 1, None,
                   r"replmond: orders has no task ordrs_main; did you mean orders_main\?\nTry 'replmond task show --help'\.\n")
        self.check(self.task("show", "--instance=order", "--task-name=orders_main"), 1, None,
                   r"replmond: no StarRocks instance is called order; did you mean orders\?\nTry 'replmond task show --help'\.\n")
        self.check(self.task("pause", "--instance=orders", "--task-name=ordrs_main"), 1, None,
                   r"replmond: pause of ordrs_main on orders: refused: http 4\d\d [^\n]*; did you mean orders_main\?\n"
                   r"Try 'replmond task pause --help'\.\n")

    def test_half_of_it_is_shown_where_the_other_half_fails(self):
        self.start_cloud([BROKEN], speed=0)
        self.control("faults", instance=ORDERS, operation="configuration", status=500, count=1)
        self.check(self.task("show", *NAMED), 1, r".*status: +ABNORMAL\n.*", r"replmond: the configuration could not be read: http 500.*\n")
        self.control("faults", instance=ORDERS, operation="list", status=403)
        self.check(self.task("show", *NAMED), 1, r".*error: +binlog is gone\n.*", r"replmond: orders could not be read: http 403.*\n")

    def test_a_name_goes_before_an_id(self):
        self.start_cloud([BROKEN], speed=0, instances=[(BILLING, ORDERS, ""), ("other", BILLING, "")])
        self.check(self.task("show", f"--instance={BILLING}", "--task-name=订单同步"), 0, r".*binlog is gone.*")

    def test_an_id_that_two_projects_have(self):
        self.start_cloud([BROKEN], speed=0, instances=[("orders", ORDERS, ", project: demo")])
        twin = ("  - {name: twin, region: ap-southeast-3, project_id: another, auth: {type: token, token: e2e-secret-token}}\n"
                f"instances:\n  - {{name: twins, id: {ORDERS}, project: twin}}\n")
        self.configure(self.config.read_text().replace("instances:\n", twin))
        self.check(self.task("show", f"--instance={ORDERS}", "--task-name=订单同步"), 1, None,
                   r"replmond: several instances have the id \w+; give the name of one of them: there are twins, orders\n"
                   r"Try 'replmond task show --help'\.\n")
        self.assertEqual(self.requests(self.simulator), [])

    def test_an_empty_name_is_refused(self):
        self.start_cloud([BROKEN], speed=0)
        self.check(self.task("show", "--instance=orders", "--task-name", ""), 1, None, r"replmond: --task-name: expected [^\n]*\nTry [^\n]*\n")
        self.assertEqual(self.requests(self.simulator), [])


if __name__ == "__main__":
    unittest.main()
