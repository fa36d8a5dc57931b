"""The JSON API of the running daemon: docs/api.md says what it gives."""

import datetime
import html
import json
import re
import unittest
import urllib.parse

from support import DAEMON, SHORT_PAGES, EndToEnd, PROJECT_ID, config_for, goes_unsaid, http, many, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"

SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks:
      - {{name: orders_main, source_database: orders, target_database: orders_sr, timeline: [{{stage: incremental}}]}}
      - {{name: orders_copy, source_database: copy, target_database: copy_sr, timeline: [{{stage: full, percentage: 42.5}}]}}
      - {{name: '<b>订单</b>', source_database: 订单, target_database: sr, main: false, timeline: [{{stage: wait}}]}}
  - name: billing
    id: {BILLING}
    tasks:
      - {{name: ledger, source_database: ledger, target_database: ledger_sr, timeline: [{{stage: incremental}}]}}
"""
BOTH = [("orders", ORDERS, ""), ("billing", BILLING, "")]


class WebApi(EndToEnd):
    def get(self, daemon, path, status=200):
        got, headers, text = http(daemon.url + path)
        self.assertEqual((got, headers["Content-Type"]), (status, "application/json"), path)
        return json.loads(text)

    def data(self, daemon, path):
        answer = self.get(daemon, path)
        self.assertEqual(answer["status"], "success")
        return answer["data"]

    def names(self, daemon, query=""):
        return [task["task"] for task in self.data(daemon, "/api/v1/tasks" + query)]

    def begin(self):
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        daemon = self.start_daemon(config_for(self.simulator, BOTH))
        self.wait_for_polls(daemon, "orders", 1)
        self.wait_for_polls(daemon, "billing", 1)
        return daemon

    def test_every_link_of_the_pages_leads_somewhere(self):
        daemon = self.begin()
        known, unread = {}, [daemon.url + "/", daemon.url + "/?stage=full&events=all&lang=zh-CN"]
        while unread:
            url = unread.pop()
            known[url], headers, text = http(url)
            if not headers["Content-Type"].startswith("text/html") or "sort=" in url:
                continue  # each order of the table has the links of all others
            for target in re.findall(r' (?:href|src)="([^"]*)"', text):
                there = urllib.parse.urldefrag(urllib.parse.urljoin(url, html.unescape(target))).url
                if there not in known and there not in unread:
                    unread.append(there)
        self.assertEqual({url: status for url, status in known.items() if status != 200}, {})
        self.assertGreater(sum("/task?" in url for url in known), 3)

    def test_tasks(self):
        daemon = self.begin()
        self.assertEqual(self.names(daemon), ["ledger", "<b>订单</b>", "orders_copy", "orders_main"])
        task = self.data(daemon, "/api/v1/tasks?instance=orders&stage=full")[0]
        for key in ("stage_changed", "status_changed", "progress_changed"):
            moment = task.pop(key)
            self.assertRegex(moment, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(moment[:-1] + "+00:00")
            self.assertLess(abs(age.total_seconds()), 60)
        task.pop("needs_repair", None)
        main = {} if goes_unsaid("is_main_task") else {"main_task": True}
        self.assertEqual(task, {
            "project": "demo", "starrocks_instance": "orders", "instance_id": ORDERS, "task": "orders_copy",
            "source_database": "copy", "target_database": "copy_sr", **main, "status": "yes", "stage": "full",
            "percentage": 42.5, "stale": False})

    def test_follows_what_happens(self):
        daemon = self.begin()
        self.assertEqual(self.names(daemon, "?status=no"), [])
        self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": "orders_main",
                                                 "set": {"status": "No"}})
        wait_for(lambda: self.names(daemon, "?status=no") == ["orders_main"], "the abnormal task")
        self.assertEqual(self.data(daemon, "/api/v1/summary")["abnormal"], 1)
        self.assertEqual(self.names(daemon, "?sort=severity&limit=1"), ["orders_main"])
        self.assertEqual(self.data(daemon, "/api/v1/events?limit=1&task=orders_main")[0]["task"], "orders_main")

    def test_an_instance_that_fails(self):
        daemon = self.begin()
        self.control(self.simulator, "faults", {"instance": BILLING, "status": 403})
        failed = wait_for(lambda: self.data(daemon, "/api/v1/instances?result=http"), "a failed poll")
        self.assertEqual([i["starrocks_instance"] for i in failed], ["billing"])
        self.assertEqual((failed[0]["http_status"], failed[0]["tasks"]), (403, 1))
        self.assertLess(failed[0]["last_success"], failed[0]["last_poll"])
        self.assertFalse(self.data(daemon, "/api/v1/tasks?instance=billing")[0]["stale"])
        self.assertEqual([i["result"] for i in self.data(daemon, "/api/v1/instances?sort=severity")],
                         ["http", "success"])

    def test_stale_tasks_are_shown_as_stale(self):
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        config = config_for(self.simulator, BOTH).replace("timeout: 2s}", "timeout: 2s, stale_after: 0s}")
        daemon = self.start_daemon(config)
        self.wait_for_polls(daemon, "billing", 1)
        self.control(self.simulator, "faults", {"instance": BILLING, "status": 500})
        wait_for(lambda: self.names(daemon, "?stale=true") == ["ledger"], "the stale task")
        self.assertEqual(self.samples(daemon, "starrocks_replication_status.*ledger"), {})

    def test_before_the_first_poll_and_without_instances(self):
        simulator = self.start_simulator(SCENARIO, speed=0)
        self.control(simulator, "faults", {"instance": "*", "hang": True})
        daemon = self.start_daemon(config_for(simulator, BOTH))
        first = self.data(daemon, "/api/v1/instances")[0]
        self.assertEqual({key for key in first} & {"result", "last_poll", "tasks", "error_msg"}, set())
        self.assertEqual(self.names(daemon), [])
        bare = self.start("bare", DAEMON, f"--config.file={self.write('bare.yaml', '{}')}",
                          "--web.listen-address=127.0.0.1:0")
        self.known_url(bare)
        self.assertEqual((self.data(bare, "/api/v1/instances"), self.data(bare, "/api/v1/tasks")), ([], []))

    def test_ten_thousand_tasks(self):
        count = 1000 if SHORT_PAGES else 10000  # of 10 records a page, a thousand pages would take longer than a poll may
        simulator = self.start_simulator(f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
generate: {{instances: 1, tasks: {count}, name: large}}
""", speed=0)
        daemon = self.start_daemon(config_for(simulator, [("large", many(1)[0], "")], interval="30s"))
        self.wait_for_polls(daemon, "large", 1)
        whole = self.names(daemon)
        self.assertEqual(len(whole), count)
        limit = count * 2 // 5
        pages = [self.names(daemon, f"?limit={limit}&offset={offset}") for offset in (0, limit, 2 * limit)]
        self.assertEqual(sum(pages, []), whole)

    def test_mistakes_and_methods(self):
        daemon = self.begin()
        for path, status, error in (
                ("/api/v1/tasks?status=maybe", 400, "status: expected normal, abnormal or unknown; yes and no work too"),
                ("/api/v1/tasks?instance=a&instance=b", 400, "instance: given twice"),
                ("/api/v1/events?limit=1001", 400, "limit: expected a whole number from 1 to 1000"),
                ("/api/v1/nothing", 404, "not found")):
            self.assertEqual(self.get(daemon, path, status), {"status": "error", "error": error})
        status, headers, text = http(daemon.url + "/api/v1/tasks", method="POST")
        self.assertEqual((status, headers["Allow"], json.loads(text)["status"]), (405, "GET, HEAD, OPTIONS", "error"))
        status, headers, text = http(daemon.url + "/api/v1/tasks", method="HEAD")
        self.assertEqual((status, text), (200, ""))
        self.assertIsNone(headers["Content-Length"], "no body is made to know its length")

    def test_the_page_and_its_files(self):
        daemon = self.begin()
        status, headers, page = http(daemon.url + "/?sort=task")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertTrue(headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';"))
        self.assertIn("&lt;b&gt;订单&lt;/b&gt;", page)
        self.assertNotIn("<b>订单", page)
        for name in re.findall(r'"\./(assets/[^"]+)"', page):
            status, headers, text = http(f"{daemon.url}/{name}")
            self.assertEqual((status, headers["Cache-Control"]), (200, "public, max-age=31536000, immutable"))
            self.assertGreater(len(text), 100)
            again = http(f"{daemon.url}/{name}", headers={"If-None-Match": headers["ETag"]})
            self.assertEqual((again[0], again[2]), (304, ""))
        self.assertEqual(len(re.findall(r'"\./(assets/[^"]+)"', page)), 3)
        status, _, page = http(daemon.url + "/?stage=%3Cscript%3E")
        self.assertEqual(status, 400)
        self.assertIn("stage: expected wait, full", page)


if __name__ == "__main__":
    unittest.main()
