"""Instances that are found by asking the cloud: they come, are renamed and go; names, failures and cost."""

from support import EndToEnd, PROJECT_ID, ROOMY, wait_for

TAURUS, OTHER_TAURUS = "00000000000000000000000000000001in07", "00000000000000000000000000000002in07"
ORDERS, BILLING, STAGING, CLICKS, LATE = (f"{digit * 8}000000000000000000000000in17" for digit in "abcde")
TASKS = "tasks: [{name: main, timeline: [{stage: incremental}]}]"
SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - {{id: {ORDERS}, name: prod-orders, {TASKS}}}
  - {{id: {BILLING}, name: prod-billing, {TASKS}}}
  - {{id: {STAGING}, name: prod-orders-test, {TASKS}}}
  - {{id: {CLICKS}, name: prod-clicks, {TASKS}}}
  - {{id: {LATE}, name: prod-late, {TASKS}}}
taurusdb:
  - {{id: {TAURUS}, name: shop, project: {PROJECT_ID}, htap: [{ORDERS}, {STAGING}, {{id: {LATE}, deleted: true}}]}}
  - {{id: {OTHER_TAURUS}, name: web, project: {PROJECT_ID}, htap: [{BILLING}, {{id: {CLICKS}, engine: click-house}}]}}
"""
FILTERED = 'include: "^prod-", exclude: "-test$"'


class Discovery(EndToEnd):
    def start_both(self, *flags, **how):
        self.simulator = self.start_simulator(SCENARIO, speed=1)
        self.daemon = self.start_daemon(self.config(**how), *flags)

    def config(self, filters="", interval="1s", instances="[]", limit=ROOMY, name="demo"):
        comma = ", " if filters else ""
        return f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: {name}
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {self.simulator.url}
    {limit}
    auth: {{type: token, token: e2e-secret-token}}
    discover: {{interval: {interval}{comma}{filters}}}
instances: {instances}
"""

    def names(self, **labels):
        """Of all that is known, with the last 8 characters before the suffix of the id."""
        found = self.samples(self.daemon, "^replmond_polls_total.*success")
        return {series.split('starrocks_instance="')[1].split('"')[0] for series in found}

    def wait_for_names(self, *names):
        wait_for(lambda: self.names() == set(names), f"{names}; it printed:\n{self.daemon.output()}")

    def of_project(self, family):
        return self.sample(self.daemon, f'{family}{{project="demo"}}')

    def listings(self, owner=TAURUS):
        return len([r for r in self.requests(self.simulator, "htap") if owner in r["path"]])

    def wait_for_listings(self, count):
        before = self.listings()
        wait_for(lambda: self.listings() >= before + count, f"{count} listings more")

    def show(self, identifier, **how):
        self.control(self.simulator, "htap", {"taurusdb": TAURUS, "instance": identifier, **how})

    def test_finds_what_the_filters_admit(self):
        self.start_both(filters=FILTERED + ", labels: {team: data}")
        self.wait_for_names("prod-orders", "prod-billing")
        for name in self.names():
            self.wait_for_polls(self.daemon, name, 1)
        self.assertEqual(len(self.samples(self.daemon, '^starrocks_replication_info.*team="data"')), 2)
        line = self.daemon.wait_for_line("event=instance_discovered .*starrocks_instance=prod-orders ")
        self.assertRegex(line, f"level=INFO .*project=demo .*instance_id={ORDERS} event_id=")
        self.assertEqual(len(self.daemon.lines("event=instance_discovered")), 2)
        wait_for(lambda: self.of_project("replmond_discovery_success") == "1", "success")
        self.assertEqual(self.of_project("replmond_discovered_instances"), "2")
        self.assertGreater(float(self.of_project("replmond_discovery_last_success_timestamp_seconds")), 1e9)

    def test_instances_come_are_renamed_and_go(self):
        self.start_both()
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        self.show(LATE, deleted=False)
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test", "prod-late")
        self.wait_for_polls(self.daemon, "prod-late", 2)
        polls = self.polls(self.daemon, "prod-late")

        self.control(self.simulator, "instances", {"instance": LATE, "name": "prod-later"})
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test", "prod-later")
        self.assertRegex(self.daemon.wait_for_line("event=instance_renamed"),
                         f"level=INFO .*starrocks_instance=prod-later .*instance_id={LATE} old_name=prod-late ")
        self.assertGreaterEqual(self.polls(self.daemon, "prod-later"), polls)
        self.assertEqual(len(self.daemon.lines("event=task_discovered .*starrocks_instance=prod-late")), 1)

        self.show(LATE, deleted=True)
        listings = self.listings()
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        self.assertGreaterEqual(self.listings() - listings, 2, "one listing without it is not enough")
        self.assertRegex(self.daemon.wait_for_line("event=instance_gone"),
                         f"level=INFO .*starrocks_instance=prod-later .*instance_id={LATE} ")
        self.assertEqual(self.samples(self.daemon, "prod-late"), {})
        self.assertEqual(len(self.daemon.lines("event=instance_gone")), 1)

    def test_a_configured_entry_wins(self):
        self.start_both(instances=f"[{{name: mine, id: {ORDERS}, interval: 2s}}, {{name: prod-billing, id: {CLICKS}}}]")
        # Its name is taken: the 8 characters before the suffix.
        self.wait_for_names("mine", "prod-billing", "prod-orders-test", "prod-billing-00000000")
        self.assertEqual(self.sample(self.daemon, 'replmond_poll_interval_seconds{project="demo",starrocks_instance="mine"}'), "2")
        wait_for(lambda: self.of_project("replmond_discovery_success") == "1", "success")
        self.assertEqual(self.daemon.lines(f"event=instance_discovered .*instance_id={ORDERS}"), [])

        # And so it does after a reload, without a break.
        self.wait_for_polls(self.daemon, "prod-orders-test", 2)
        polls = self.polls(self.daemon, "prod-orders-test")
        self.reload(self.daemon, self.config(instances=f"[{{name: now-mine, id: {STAGING}}}]"))
        self.wait_for_names("prod-orders", "prod-billing-00000000", "now-mine")
        self.assertGreaterEqual(self.polls(self.daemon, "now-mine"), polls)
        self.assertEqual(len(self.daemon.lines(f"event=task_discovered .*(now-mine|prod-orders-test)")), 1)

    def test_a_listing_that_fails_changes_nothing(self):
        self.start_both()
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        wait_for(lambda: self.of_project("replmond_discovery_success") == "1", "success")
        last = self.of_project("replmond_discovery_last_success_timestamp_seconds")
        self.control(self.simulator, "faults", {"instance": OTHER_TAURUS, "operation": "htap", "status": 403})
        self.show(ORDERS, deleted=True)
        wait_for(lambda: self.of_project("replmond_discovery_success") == "0", "a failed listing")
        self.wait_for_listings(3)
        self.assertEqual(self.names(), {"prod-orders", "prod-billing", "prod-orders-test"})
        self.assertEqual(self.of_project("replmond_discovered_instances"), "3")
        self.assertGreaterEqual(float(self.of_project("replmond_discovery_last_success_timestamp_seconds")), float(last))
        self.assertRegex(self.daemon.wait_for_line("event=discovery_failed"),
                         "level=WARN .*project=demo .*result=http http_status=403 error_code=")
        self.assertEqual(len(self.daemon.lines("event=discovery_failed")), 1)
        self.wait_for_polls(self.daemon, "prod-billing", self.polls(self.daemon, "prod-billing") + 2)

        self.control(self.simulator, "faults", None, method="DELETE")
        self.daemon.wait_for_line("level=INFO .*event=discovery_recovered .*after=")
        self.wait_for_names("prod-billing", "prod-orders-test")

    def test_reloading_filters_and_discovery_itself(self):
        self.start_both()
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        self.wait_for_polls(self.daemon, "prod-orders", 2)
        polls = self.polls(self.daemon, "prod-orders")
        self.reload(self.daemon, self.config(filters=FILTERED))
        self.assertEqual(self.names(), {"prod-orders", "prod-billing"}, "at once")
        self.assertGreaterEqual(self.polls(self.daemon, "prod-orders"), polls)

        without = self.config(instances=f"[{{name: prod-billing, id: {CLICKS}}}]")
        without = "".join(line for line in without.splitlines(True) if "discover:" not in line)
        self.reload(self.daemon, without)
        self.assertEqual(self.names(), {"prod-billing"})
        self.assertEqual(self.samples(self.daemon, "replmond_discover"), {})

    def test_a_project_that_discovers_is_taken_out(self):
        self.start_both()
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        # Another project has the name of one of its instances.
        other = self.config(name="other", instances=f"[{{name: prod-orders, id: {CLICKS}, project: other}}]")
        other = "".join(line for line in other.splitlines(True) if "discover:" not in line)
        self.assertRegex(self.reload(self.daemon, other), "added=1 changed=0 removed=3")
        self.assertEqual(self.names(), {"prod-orders"})
        self.assertEqual(self.samples(self.daemon, 'project="demo"'), {})
        # And back: names are free again.
        self.reload(self.daemon, self.config())
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")

    def test_a_renamed_project_keeps_what_it_has_found(self):
        self.start_both(interval="1m")
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        self.wait_for_polls(self.daemon, "prod-orders", 2)
        polls = self.polls(self.daemon, "prod-orders")
        self.reload(self.daemon, self.config(interval="1m", name="shop"))
        self.assertGreaterEqual(self.polls(self.daemon, "prod-orders", project="shop"), polls)
        self.assertEqual(len(self.daemon.lines("event=task_discovered .*prod-orders ")), 1)

    def test_listings_take_a_fifth_of_the_budget_at_most(self):
        # A listing takes 4 requests (a page, and one for each of 2 instances … ), every second: far too many.
        self.start_both(limit="rate_limit: 20/10s")
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        began = len(self.requests(self.simulator))
        wait_for(lambda: len(self.requests(self.simulator)) >= began + 40, "two windows more", patience=90)
        times = [r["now"] for r in self.requests(self.simulator) if r["operation"] in ("instances", "htap")]
        most = max(sum(1 for other in times if t <= other < t + 9.9) for t in times)
        self.assertLessEqual(most, 4)
        self.assertEqual(self.daemon.lines("event=(poll|discovery)_failed"), [])

    def test_calls_are_spread_over_the_interval(self):
        self.start_both(interval="6s")
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        self.wait_for_listings(2)
        times = [r["now"] for r in self.requests(self.simulator) if r["operation"] in ("instances", "htap")]
        # The first listing is made at once; the later ones take their time, a third of the interval between two calls.
        self.assertLess(times[2] - times[0], 3)
        self.assertGreaterEqual(times[5] - times[3], 3)

    def test_a_restart_goes_on_with_who_was_there(self):
        state = f"--state.path={self.folder / 'state.db'}"
        self.start_both(state)
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        for name in self.names():
            self.wait_for_polls(self.daemon, name, 1)
        self.assertEqual(self.daemon.stop(), 0)

        self.control(self.simulator, "faults", {"instance": "*", "hang": True})
        self.show(STAGING, deleted=True)
        self.daemon = self.start_daemon(self.config(), state, name="second")
        self.wait_for_names("prod-orders", "prod-billing", "prod-orders-test")
        shown = self.samples(self.daemon, "^starrocks_replication_stage{.*incremental")
        self.assertEqual(list(shown.values()), ["1"] * 3)

        self.control(self.simulator, "faults", None, method="DELETE")
        self.wait_for_names("prod-orders", "prod-billing")
        gone = self.daemon.wait_for_line("event=instance_gone")
        self.assertIn(f"starrocks_instance=prod-orders-test instance_id={STAGING}", gone)
        self.assertEqual(self.daemon.lines("event=instance_discovered|event=task_discovered"), [])
        self.assertEqual(self.daemon.stop(), 0)

        self.daemon = self.start_daemon(self.config(), state, name="third")
        self.wait_for_names("prod-orders", "prod-billing")
        self.assertEqual(self.daemon.lines("event=instance_"), [])
