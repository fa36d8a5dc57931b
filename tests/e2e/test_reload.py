"""Reloading: what changes, what goes on, and what is refused."""

import re
import signal
import subprocess

from support import EndToEnd, PROJECT_ID, ROOMY, config_for, http, many, wait_for

SCENARIO = f"""
tokens: [e2e-secret-token]
keys: [{{access: E2EACCESS, secret: e2e-secret-first}}]
projects: [{PROJECT_ID}]
generate: {{instances: 6, tasks: 2, repeat: false, timeline: [{{stage: full, percentage: 50}}]}}
"""
FIRST, SECOND, THIRD, FOURTH = many(4)


def of(instance, family="", project="demo"):
    """A pattern for the series of one instance."""
    return rf'^{family}.*project="{project}",starrocks_instance="{instance}"'


class Reload(EndToEnd):
    def start_both(self, instances, *flags, **how):
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.daemon = self.start_daemon(self.config(instances, **how), *flags)
        for name, _, _ in instances:
            self.wait_for_polls(self.daemon, name, 1)

    def config(self, instances, **how):
        return config_for(self.simulator, instances, **how)

    def ages(self, instance, project="demo"):
        """Since when its tasks are as they are, without names."""
        found = self.samples(self.daemon, of(instance, r"starrocks_replication_\w+_changed_timestamp", project))
        return sorted((re.sub(r'project="\w+",starrocks_instance="\w+"', "", series), value)
                      for series, value in found.items())

    def discovered(self, instance):
        return self.daemon.lines(rf"event=task_discovered .*starrocks_instance={instance} ")

    def check_goes_on(self, instance, polls, ages):
        """As if nothing had happened to it."""
        self.assertGreaterEqual(self.polls(self.daemon, instance), polls)
        self.wait_for_polls(self.daemon, instance, polls + 2)
        self.assertEqual(self.ages(instance), ages)
        self.assertEqual(len(ages), 6)
        self.assertEqual(len(self.discovered(instance)), 2)

    def test_instances_come_and_go_beside_one_that_goes_on(self):
        self.start_both([("kept", FIRST, ""), ("going", SECOND, "")])
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        line = self.reload(self.daemon, self.config([("kept", FIRST, ""), ("coming", THIRD, "")]))
        self.assertRegex(line, r"level=INFO .* instances=2 added=1 changed=0 removed=1 reconnected=0$")
        self.assertEqual(self.samples(self.daemon, of("going")), {})
        self.wait_for_polls(self.daemon, "coming", 1)
        self.check_goes_on("kept", polls, ages)
        asked = len(self.requests(self.simulator))
        self.wait_for_polls(self.daemon, "kept", self.polls(self.daemon, "kept") + 3)
        self.assertEqual({r["instance"] for r in self.requests(self.simulator)[asked:]}, {FIRST, THIRD})
        self.assertEqual(self.daemon.lines("event=(task|instance)_gone"), [], "it is not gone, only not watched")
        self.assertEqual(self.daemon.lines("event=poll_failed"), [])

    def test_the_same_configuration_changes_nothing(self):
        self.start_both([("kept", FIRST, "")])
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        for _ in range(3):
            self.assertRegex(self.reload(self.daemon), "added=0 changed=0 removed=0 reconnected=0$")
        self.check_goes_on("kept", polls, ages)

    def test_a_renamed_instance_keeps_everything_but_its_name(self):
        self.start_both([("before", FIRST, "")])
        polls, ages = self.polls(self.daemon, "before"), self.ages("before")
        self.assertRegex(self.reload(self.daemon, self.config([("after", FIRST, "")])), "added=0 changed=1 removed=0")
        self.assertEqual(self.samples(self.daemon, of("before")), {})
        self.assertGreaterEqual(self.polls(self.daemon, "after"), polls)
        self.assertEqual(self.ages("after"), ages)
        self.wait_for_polls(self.daemon, "after", polls + 2)
        self.assertEqual(self.ages("after"), ages)
        self.assertEqual(self.discovered("after"), [])

    def test_two_instances_swap_their_names(self):
        self.start_both([("one", FIRST, ""), ("two", SECOND, "")])
        self.control(self.simulator, "tasks", {"instance": FIRST, "task_name": "task_001", "set": {"stage": "paused"}})
        stage = 'starrocks_replication_stage{{project="demo",starrocks_instance="{}",task="task_001",stage="paused"}}'
        self.wait_for_sample(self.daemon, stage.format("one"), "1")
        self.reload(self.daemon, self.config([("two", FIRST, ""), ("one", SECOND, "")]))
        self.assertEqual(self.sample(self.daemon, stage.format("two")), "1")
        self.assertEqual(self.sample(self.daemon, stage.format("one")), "0")
        self.assertEqual(len(self.daemon.lines("event=stage_transition")), 1)

    def test_an_id_that_was_learned_is_known_over_a_new_connection(self):
        self.simulator = self.start_simulator(SCENARIO.replace(f"[{PROJECT_ID}]", f"[{{id: {PROJECT_ID}, name: ap-southeast-3}}]"), speed=0)
        config = re.sub(r"project_id: \w+", f"iam_endpoint: {self.simulator.url}", self.config([("orders", FIRST, "")]))
        config = re.sub(r"auth: .*", "auth: {type: aksk, access_key: E2EACCESS, secret_key: e2e-secret-first}", config)
        self.daemon = self.start_daemon(config)
        self.wait_for_polls(self.daemon, "orders", 2)
        polls, ages = self.polls(self.daemon, "orders"), self.ages("orders")
        line = self.reload(self.daemon, config)
        self.assertRegex(line, r" added=0 changed=0 removed=0 reconnected=0$")
        line = self.reload(self.daemon, config.replace("timeout: 2s", "timeout: 3s"))
        self.assertRegex(line, r" added=0 changed=1 removed=0 reconnected=1$")
        self.check_goes_on("orders", polls, ages)

    def test_the_last_signal_of_a_burst_counts(self):
        self.start_both([("first", FIRST, "")])
        for _ in range(50):
            self.daemon.process.send_signal(signal.SIGHUP)
        self.write("replmond.yaml", self.config([("second", SECOND, "")]))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.wait_for_polls(self.daemon, "second", 1)
        self.assertEqual(self.samples(self.daemon, of("first")), {})

    def test_interval_and_labels(self):
        self.start_both([("kept", FIRST, ", labels: {team: old}"), ("other", SECOND, "")])
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        info = of("kept", "starrocks_replication_info")
        self.assertEqual(len(self.samples(self.daemon, info + '.*team="old"')), 2)
        line = self.reload(self.daemon, self.config([("kept", FIRST, ", interval: 2s, labels: {team: new}"),
                                                     ("other", SECOND, "")]))
        self.assertRegex(line, "added=0 changed=1 removed=0 reconnected=0")
        self.assertEqual(len(self.samples(self.daemon, info + '.*team="new"')), 2)
        self.assertEqual(len(self.samples(self.daemon, info)), 2)
        interval = 'replmond_poll_interval_seconds{{project="demo",starrocks_instance="{}"}}'
        self.assertEqual(self.sample(self.daemon, interval.format("kept")), "2")
        self.assertEqual(self.sample(self.daemon, interval.format("other")), "1")
        self.check_goes_on("kept", polls, ages)

    def test_a_renamed_project_keeps_the_ages_of_its_tasks(self):
        self.start_both([("kept", FIRST, "")])
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        line = self.reload(self.daemon, self.config([("kept", FIRST, "")]).replace("name: demo", "name: shop"))
        self.assertRegex(line, "added=0 changed=1 removed=0 reconnected=1")
        self.assertEqual(self.samples(self.daemon, 'project="demo"'), {})
        self.assertGreaterEqual(self.polls(self.daemon, "kept", project="shop"), polls)
        self.wait_for_polls(self.daemon, "kept", polls + 2, project="shop")
        self.assertEqual(self.ages("kept", "shop"), ages)
        self.assertEqual(len(self.discovered("kept")), 2)
        self.assertEqual(self.sample(self.daemon, 'replmond_credential_usable{project="shop"}'), "1")
        self.assertEqual(self.samples(self.daemon, 'project="demo"'), {}, "nor do late answers bring it back")

    def test_a_bad_configuration_is_refused_whole(self):
        self.start_both([("kept", FIRST, "")], "--web.enable-lifecycle")
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        good = self.sample(self.daemon, "replmond_config_last_reload_success_timestamp_seconds")
        bad = self.config([("renamed", FIRST, ""), ("coming", SECOND, ", interval: 2d")], extra="surprise: 1")
        line = self.reload(self.daemon, bad, event="config_reload_failed")
        path = re.escape(str(self.folder / "replmond.yaml"))
        self.assertRegex(line, rf'level=ERROR .*error="{path}:\d+:\d+: ')
        self.assertRegex(line, r"instances\[1\]\.interval: ")
        self.assertRegex(line, r"surprise")
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_successful"), "0")
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_success_timestamp_seconds"), good)
        self.assertIn("kept", http(self.daemon.url + "/config")[2])
        self.assertNotIn("renamed", http(self.daemon.url + "/config")[2])
        self.check_goes_on("kept", polls, ages)

        status, _, text = http(self.daemon.url + "/-/reload", method="POST")
        self.assertEqual(status, 500)
        self.assertRegex(text, rf"(?m)^{path}:\d+:\d+: instances\[1\]\.interval: ")
        self.assertRegex(text, rf"(?m)^{path}:\d+:\d+: .*surprise")

        (self.folder / "replmond.yaml").unlink()
        self.assertRegex(self.reload(self.daemon, event="config_reload_failed"), f"{path}: cannot be read: ")
        self.reload(self.daemon, self.config([("kept", FIRST, ""), ("coming", SECOND, "")]))
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_successful"), "1")
        self.wait_for_polls(self.daemon, "coming", 1)

    def test_a_secret_or_a_ca_that_cannot_be_read_refuses_all_of_it(self):
        self.start_both([("kept", FIRST, "")])
        for broken in (self.config([("renamed", FIRST, "")]).replace("token: e2e-secret-token", "token_file: nowhere"),
                       self.config([("renamed", FIRST, "")], project=ROOMY + "\n    ca_file: nowhere.pem")):
            line = self.reload(self.daemon, broken, event="config_reload_failed")
            self.assertRegex(line, r"error=.*nowhere")
            self.assertEqual(self.samples(self.daemon, of("renamed")), {})
        self.write("nonsense.pem", "no certificate\n")
        nonsense = self.config([("renamed", FIRST, "")], project=ROOMY + "\n    ca_file: nonsense.pem")
        self.assertRegex(self.reload(self.daemon, nonsense, event="config_reload_failed"), r"error=.*nonsense\.pem")
        self.wait_for_polls(self.daemon, "kept", self.polls(self.daemon, "kept") + 2)
        self.assertEqual(self.samples(self.daemon, of("renamed")), {})

        # Nor does a project stay that came before the one at fault.
        fresh = nonsense[nonsense.index("  - name: demo"):nonsense.index("instances:")].replace("name: demo", "name: fresh")
        sound = fresh.replace("    ca_file: nonsense.pem\n", "").replace(PROJECT_ID, PROJECT_ID[::-1])
        both = nonsense.replace("projects:\n", "projects:\n" + sound).replace("{name: renamed", "{project: demo, name: renamed")
        self.assertRegex(self.reload(self.daemon, both, event="config_reload_failed"), r"error=.*nonsense\.pem")
        self.assertEqual(self.samples(self.daemon, 'project="fresh"'), {})

    def test_by_post(self):
        self.start_both([("kept", FIRST, "")], "--web.enable-lifecycle")
        self.write("replmond.yaml", self.config([("kept", FIRST, ""), ("coming", SECOND, "")]))
        self.assertEqual(http(self.daemon.url + "/-/reload")[0], 405)
        self.assertEqual(http(self.daemon.url + "/-/reload", method="POST")[0], 200)
        self.assertNotEqual(self.samples(self.daemon, of("coming")), {})
        self.wait_for_polls(self.daemon, "coming", 1)

    def test_by_post_only_where_it_is_enabled(self):
        self.start_both([("kept", FIRST, "")])
        self.write("replmond.yaml", self.config([("coming", SECOND, "")]))
        self.assertEqual(http(self.daemon.url + "/-/reload", method="POST")[0], 403)
        self.assertEqual(self.samples(self.daemon, of("coming")), {})
        self.assertEqual(len(self.daemon.lines("event=config_loaded")), 1)

    def test_many_at_once(self):
        self.start_both([("kept", FIRST, "")], "--web.enable-lifecycle")
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        for turn in range(30):
            names = [("kept", FIRST, "")] + [(f"i{turn}", SECOND, "")] * (turn % 2)
            # As an editor should: never half a file.
            self.write("next.yaml", self.config(names)).replace(self.folder / "replmond.yaml")
            self.daemon.process.send_signal(signal.SIGHUP)
            self.assertEqual(http(self.daemon.url + "/-/reload", method="POST")[0], 200)
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_successful"), "1")
        self.check_goes_on("kept", polls, ages)
        known = {re.search('starrocks_instance="(.*?)"', s).group(1) for s in self.samples(self.daemon, "replmond_polls_total")}
        self.assertEqual(known, {"kept", "i29"})

    def test_a_rotated_secret_file(self):
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.write("sk", "e2e-secret-first\n")
        config = self.config([("kept", FIRST, "")]).replace(
            "{type: token, token: e2e-secret-token}", "{type: aksk, access_key: E2EACCESS, secret_key_file: sk}")
        self.daemon = self.start_daemon(config)
        self.wait_for_polls(self.daemon, "kept", 1)
        ages = self.ages("kept")
        # The file first, as people do it: what is held already goes on until the reload.
        self.write("sk", "e2e-secret-other\n")
        self.wait_for_polls(self.daemon, "kept", self.polls(self.daemon, "kept") + 2)
        self.control(self.simulator, "keys", {"access": "E2EACCESS", "secret": "e2e-secret-other"})
        self.reload(self.daemon)
        self.wait_for_polls(self.daemon, "kept", self.polls(self.daemon, "kept") + 2)
        self.assertEqual(self.sample(self.daemon, 'replmond_credential_usable{project="demo"}'), "1")
        self.assertEqual(self.ages("kept"), ages)
        self.assertEqual(self.daemon.lines("event=credential_refused"), [])
        self.assertNotIn("e2e-secret", self.daemon.output() + self.daemon.errors())

    def test_the_content_of_ca_file_is_looked_at(self):
        certificates = [self.certificate(name) for name in ("one", "two")]
        self.write("ca.pem", certificates[0])
        self.start_both([("kept", FIRST, "")], project=ROOMY + "\n    ca_file: ca.pem")
        ages = self.ages("kept")
        self.assertRegex(self.reload(self.daemon), "changed=0 removed=0 reconnected=0$")
        self.write("ca.pem", certificates[1])
        self.assertRegex(self.reload(self.daemon), "changed=1 removed=0 reconnected=1$")
        self.wait_for_polls(self.daemon, "kept", self.polls(self.daemon, "kept") + 2)
        self.assertEqual(self.ages("kept"), ages)

    def certificate(self, name):
        path = self.folder / f"{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", f"/CN={name}", "-keyout", "/dev/null", "-out", path], check=True, capture_output=True)
        return path.read_text()

    def test_stale_after_holds_at_once(self):
        self.start_both([("kept", FIRST, "")])
        self.control(self.simulator, "faults", {"instance": FIRST, "status": 403})
        self.wait_for_polls(self.daemon, "kept", 2, result="http")
        stages = of("kept", r"starrocks_replication_stage\{")
        self.assertNotEqual(self.samples(self.daemon, stages), {})
        config = self.config([("kept", FIRST, "")])
        self.reload(self.daemon, config.replace("timeout: 2s", "timeout: 2s, stale_after: 0s"))
        wait_for(lambda: self.samples(self.daemon, stages) == {}, "stale series to go")
        self.assertIsNone(self.sample(self.daemon, 'starrocks_replication_tasks{project="demo",starrocks_instance="kept"}'))
        self.reload(self.daemon, config)
        self.control(self.simulator, "faults", None, method="DELETE")
        wait_for(lambda: self.samples(self.daemon, stages), "fresh series")

    def test_repeat_interval_holds_at_once(self):
        self.start_both([("kept", FIRST, "")])
        self.control(self.simulator, "tasks", {"instance": FIRST, "task_name": "task_001", "set": {"status": "No"}})
        self.daemon.wait_for_line("event=replication_abnormal .*repeat=0")
        self.wait_for_polls(self.daemon, "kept", self.polls(self.daemon, "kept") + 2)
        self.assertEqual(len(self.daemon.lines("event=replication_abnormal")), 1)
        self.reload(self.daemon, self.config([("kept", FIRST, "")], extra="alerts: {repeat_interval: 1s}"))
        self.daemon.wait_for_line("event=replication_abnormal .*repeat=2")

    def test_concurrency_holds_at_once(self):
        names = [(f"i{n}", identifier, "") for n, identifier in enumerate(many(6))]
        self.start_both(names)
        self.control(self.simulator, "faults", {"instance": "*", "delay_ms": 300})
        config = self.config(names)
        self.reload(self.daemon, config.replace("timeout: 2s", "timeout: 2s, concurrency: 1"))
        asked = len(self.requests(self.simulator))
        wait_for(lambda: self.state(self.simulator)["load"]["requests"] <= 1, "the last of before")
        self.control(self.simulator, "requests", None, method="DELETE")
        wait_for(lambda: len(self.requests(self.simulator)) >= 6, "polls one after the other")
        self.assertEqual(self.state(self.simulator)["load"]["most_requests"], 1)
        self.assertGreater(asked, 0)
        self.reload(self.daemon, config)
        wait_for(lambda: self.state(self.simulator)["load"]["most_requests"] > 1, "polls beside each other")

    def test_not_ready_is_not_brought_back(self):
        self.start_both([("kept", FIRST, "")])
        wait_for(lambda: http(self.daemon.url + "/-/ready")[0] == 200, "/-/ready")
        self.control(self.simulator, "faults", {"instance": SECOND, "hang": True})
        self.reload(self.daemon, self.config([("kept", FIRST, ""), ("hanging", SECOND, "")]))
        self.assertEqual(http(self.daemon.url + "/-/ready")[0], 200)

    def test_an_empty_file_is_refused_while_something_is_watched(self):
        self.start_both([("kept", FIRST, "")], "--web.enable-lifecycle")
        polls, ages = self.polls(self.daemon, "kept"), self.ages("kept")
        path = re.escape(str(self.folder / "replmond.yaml"))
        said = f"{path}: the file is empty; write `instances: \\[\\]` if nothing is to be watched"
        for text in ("", "\n\n", "# projects:\n", "---\n"):
            with self.subTest(text=text):
                self.assertRegex(self.reload(self.daemon, text, event="config_reload_failed"), f'error="{said}"$')
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_successful"), "0")
        status, _, answer = http(self.daemon.url + "/-/reload", method="POST")
        self.assertEqual(status, 500)
        self.assertRegex(answer, rf"\A{said}\n\Z")
        self.check_goes_on("kept", polls, ages)
        self.reload(self.daemon, "instances: []\n")
        self.assertEqual(self.samples(self.daemon, "project="), {})
        self.reload(self.daemon, "")
        self.assertEqual(self.daemon.stop(), 0)

    def test_from_nothing_to_something_and_back(self):
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.daemon = self.start_daemon("{}\n")
        self.reload(self.daemon, self.config([("coming", FIRST, "")]))
        self.wait_for_polls(self.daemon, "coming", 2)
        self.reload(self.daemon, "{}\n")
        self.assertEqual(self.samples(self.daemon, "project="), {})
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(self.daemon.errors(), "")
