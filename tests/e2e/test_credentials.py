"""Every kind of credential, against a cloud that counts what it refuses."""

import json
import os
import re
import subprocess
import time

from support import DAEMON, EndToEnd, PROJECT_ID, ROOMY, http, wait_for

IDS = [f"{i:032d}in17" for i in range(16)]
INSTANCES = "\n".join(f"  - {{name: i{n}, id: {i}, tasks: [{{name: t, timeline: [{{stage: incremental}}]}}]}}" for n, i in enumerate(IDS))

SCENARIO = f"""
keys: [{{access: E2EACCESSKEY, secret: e2e-secret-key}}]
users: [{{domain: account, name: watcher, password: "e2e-secret-\\"pass\\""}}]
metadata: {{mode: MODE, access: E2EMETA, secret: e2e-meta-secret}}
pod_identity: {{token: e2e-secret-pod-token, access: E2EPODKEY, secret: e2e-secret-of-the-pod}}
identity_providers: [{{id: my-idp, id_token: e2e-secret-id-token}}]
projects: [{{id: {PROJECT_ID}, name: ap-southeast-3}}]
instances:
{INSTANCES}
"""


class CloudWithUsers(EndToEnd):
    def start_cloud(self, mode="token", scenario=SCENARIO):
        return self.start_simulator(scenario.replace("MODE", mode), speed=0)

    def config(self, simulator, auth, instances=1, extra=""):
        listed = "\n".join(f"  - {{name: i{n}, id: {i}}}" for n, i in enumerate(IDS[:instances]))
        return f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: demo
    region: ap-southeast-3
    endpoint: {simulator.url}
    iam_endpoint: {simulator.url}
    {ROOMY}
    {extra}
    auth: {auth}
instances:
{listed}
"""

    def usable(self, daemon):
        return self.sample(daemon, 'replmond_credential_usable{project="demo"}')

    def check_nothing_secret(self, daemon):
        everything = daemon.output() + daemon.errors() + self.metrics(daemon) + http(daemon.url + "/config")[2]
        self.assertNotIn("e2e-secret", everything)
        self.assertNotIn("e2e-meta-secret", everything)


class Credentials(CloudWithUsers):
    def test_a_wrong_key_is_refused_once_by_sixteen_instances(self):
        simulator = self.start_cloud()
        self.write("sk", "wrong-one\n")
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key_file: sk}",
                                               instances=16, extra=f"project_id: {PROJECT_ID}"))
        for n in range(16):
            self.wait_for_polls(daemon, f"i{n}", 3, result="auth")
        self.assertEqual([r["status"] for r in self.requests(simulator)], [401])
        self.assertEqual(self.usable(daemon), "0")
        line = daemon.wait_for_line("event=credential_refused")
        self.assertRegex(line, r'level=ERROR .* project=demo credential="access key \.\.\.SKEY of the configuration" '
                               r'error_code=APIGW\.0301 error_msg=".*aksk signature fail')
        self.assertEqual(len(daemon.lines("event=credential_refused")), 1)

        # The file changes: it is read again at the next tick, and the hold ends.
        self.write("sk", "e2e-secret-key\n")
        daemon.wait_for_line("event=credential_accepted")
        for n in range(16):
            self.wait_for_polls(daemon, f"i{n}", 1)
        self.assertEqual(self.usable(daemon), "1")
        self.check_nothing_secret(daemon)

    def test_project_id_from_iam(self):
        simulator = self.start_cloud()
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}", instances=8))
        for n in range(8):
            self.wait_for_polls(daemon, f"i{n}", 1)
        self.assertEqual([r["status"] for r in self.requests(simulator, "projects")], [200], "asked once for all")
        self.assertIn(f'project_id="{PROJECT_ID}"', self.metrics(daemon))

    def test_no_project_of_that_name(self):
        simulator = self.start_cloud(scenario=SCENARIO.replace("name: ap-southeast-3", "name: elsewhere"))
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"))
        self.assertRegex(daemon.wait_for_line("event=poll_failed"), r"result=protocol .*error_msg=\".*project_id")

    def test_password(self):
        simulator = self.start_cloud()
        self.write("pw", 'e2e-secret-"pass"\n')
        daemon = self.start_daemon(self.config(simulator, "{type: password, domain: account, user: watcher, password_file: pw}", instances=8))
        for n in range(8):
            self.wait_for_polls(daemon, f"i{n}", 2)
        self.assertEqual(len(self.requests(simulator, "token")), 1, "one token for all")
        self.assertEqual(self.requests(simulator, "projects"), [], "the token tells the project")
        expiry = float(self.sample(daemon, 'replmond_credential_expiry_timestamp_seconds{project="demo"}'))
        self.assertAlmostEqual(expiry, time.time() + 24 * 3600, delta=120)

        # Revoked: renewed once, and nothing is lost.
        self.control(simulator, "tokens", {"revoke": "issued", "as": "APIGW.0307"})
        wait_for(lambda: len(self.requests(simulator, "token")) == 2, "a second token")
        self.wait_for_polls(daemon, "i0", 5)
        self.assertEqual(daemon.lines("event=poll_failed"), [])
        self.assertEqual(len(self.requests(simulator, "token")), 2)
        self.check_nothing_secret(daemon)

    def test_password_is_renewed_before_it_ends(self):
        # Of a life of 5 s, 20 % are left after 4 s.
        simulator = self.start_cloud(scenario=SCENARIO + "token_lifetime: 5s\n")
        daemon = self.start_daemon(self.config(simulator, '{type: password, domain: account, user: watcher, password: "e2e-secret-\\"pass\\""}'))
        wait_for(lambda: len(self.requests(simulator, "token")) >= 3, "renewals")
        self.assertEqual({r["status"] for r in self.requests(simulator, "list")}, {200})
        self.assertEqual(daemon.lines("event=poll_failed"), [])

    def test_a_wrong_password_is_tried_once(self):
        simulator = self.start_cloud()
        daemon = self.start_daemon(self.config(simulator, "{type: password, domain: account, user: watcher, password: not-it}", instances=8))
        for n in range(8):
            self.wait_for_polls(daemon, f"i{n}", 3, result="auth")
        self.assertEqual([r["status"] for r in self.requests(simulator)], [401])
        self.assertNotIn("not-it", daemon.output() + daemon.errors())

    def test_metadata(self):
        for mode in ("token", "plain"):
            with self.subTest(mode):
                simulator = self.start_cloud(mode)
                daemon = self.start_daemon(self.config(simulator, "{type: metadata}", instances=4),
                                           env={"REPLMOND_METADATA_ENDPOINT": simulator.url, "HTTP_PROXY": "http://127.0.0.1:1"})
                for n in range(4):
                    self.wait_for_polls(daemon, f"i{n}", 2)
                self.assertEqual(len(self.requests(simulator, "metadata_key")), 1)
                self.control(simulator, "metadata", {"rotate": True, "revoke": True})
                wait_for(lambda: len(self.requests(simulator, "metadata_key")) == 2, "new keys")
                self.wait_for_polls(daemon, "i0", 4)
                self.assertEqual(daemon.lines("event=poll_failed"), [])
                self.assertEqual([r for r in self.requests(simulator) if r.get("grave")], [])
                self.check_nothing_secret(daemon)
                daemon.stop()
                simulator.stop()

    def test_metadata_without_an_agency(self):
        simulator = self.start_cloud()
        self.control(simulator, "metadata", {"agency": False})
        daemon = self.start_daemon(self.config(simulator, "{type: metadata}"), env={"REPLMOND_METADATA_ENDPOINT": simulator.url})
        self.assertRegex(daemon.wait_for_line("event=poll_failed"), r"result=auth .*error_msg=\".*agency")

    def test_default_chain(self):
        simulator = self.start_cloud()
        (self.folder / ".huaweicloud").mkdir()
        profile = self.write(".huaweicloud/credentials", f"[basic]\nak = E2EACCESSKEY\nsk = e2e-secret-key\nproject_id = {PROJECT_ID}\n")
        none = {"HUAWEICLOUD_SDK_AK": "", "HUAWEICLOUD_SDK_SK": "", "HUAWEICLOUD_SDK_CREDENTIALS_FILE": ""}
        places = {
            "environment": {**none, "HUAWEICLOUD_SDK_AK": "E2EACCESSKEY", "HUAWEICLOUD_SDK_SK": "e2e-secret-key", "HOME": "/nonexistent"},
            "home": {**none, "HOME": str(self.folder)},
            "named file": {**none, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(profile), "HOME": "/nonexistent"},
            "metadata": {**none, "HOME": "/nonexistent", "REPLMOND_METADATA_ENDPOINT": simulator.url},
        }
        for place, env in places.items():
            with self.subTest(place):
                daemon = self.start_daemon(self.config(simulator, "{type: default}"), env=env)
                self.wait_for_polls(daemon, "i0", 1)
                self.check_nothing_secret(daemon)
                daemon.stop()

    def asked(self, daemon, operation):
        """The requests of an operation, by code."""
        counted = self.samples(daemon, f'^replmond_api_requests_total{{.*operation="{operation}"')
        return {re.search('code="([^"]*)"', series)[1]: value for series, value in counted.items()}

    POD_PATH = "/v1/credentials"

    def pod_environment(self, simulator, token="e2e-secret-pod-token"):
        file = self.write("pod-token", f" {token}\n")
        return {"HC_CONTAINER_CREDENTIALS_FULL_URI": simulator.url + self.POD_PATH, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}

    def test_pod_identity(self):
        simulator = self.start_cloud()
        env = self.pod_environment(simulator)
        daemon = self.start_daemon(self.config(simulator, "{type: pod_identity}", instances=4), env={**env, "HTTP_PROXY": "http://127.0.0.1:1"})
        for n in range(4):
            self.wait_for_polls(daemon, f"i{n}", 2)
        self.assertEqual([r["status"] for r in self.requests(simulator, "pod_identity")], [200], "asked once for all")
        self.assertEqual([r for r in self.requests(simulator) if r.get("grave")], [])
        expiry = float(self.sample(daemon, 'replmond_credential_expiry_timestamp_seconds{project="demo"}'))
        self.assertAlmostEqual(expiry, time.time() + 6 * 3600, delta=120)
        self.assertEqual(self.asked(daemon, "pod_identity"), {"200": "1"})

        # The keys end, and the token of the pod was replaced meanwhile: it is read anew.
        self.control(simulator, "pod_identity", {"token": "e2e-secret-second-token", "revoke": True})
        self.write("pod-token", "e2e-secret-second-token")
        wait_for(lambda: len(self.requests(simulator, "pod_identity")) == 2, "new keys")
        self.wait_for_polls(daemon, "i0", self.polls(daemon, "i0") + 2)
        self.assertEqual(daemon.lines("event=poll_failed"), [])
        self.check_nothing_secret(daemon)

    def test_pod_identity_is_renewed_in_the_middle_of_a_short_life(self):
        simulator = self.start_cloud()
        self.control(simulator, "pod_identity", {"key_lifetime_seconds": 4})
        daemon = self.start_daemon(self.config(simulator, "{type: pod_identity}"), env=self.pod_environment(simulator))
        wait_for(lambda: len(self.requests(simulator, "pod_identity")) >= 3, "renewals")
        self.assertEqual({r["status"] for r in self.requests(simulator, "list")}, {200})
        self.assertEqual(daemon.lines("event=poll_failed"), [])

    def test_a_refused_pod_is_held_until_its_token_changes(self):
        simulator = self.start_cloud()
        env = self.pod_environment(simulator, "e2e-secret-wrong-token")
        self.control(simulator, "faults", {"operation": "pod_identity", "status": 401, "error_code": "X.1", "error_msg": "no: {sent}", "echo": True, "count": 1})
        daemon = self.start_daemon(self.config(simulator, "{type: pod_identity}", instances=4), env=env)
        for n in range(4):
            self.wait_for_polls(daemon, f"i{n}", 3, result="auth")
        self.assertEqual([r["status"] for r in self.requests(simulator)], [401], "asked once by all")
        self.assertRegex(daemon.wait_for_line("event=credential_refused"), r'error_code=X\.1 error_msg="no: .*<secret>')
        self.write("pod-token", "e2e-secret-pod-token\n")
        daemon.wait_for_line("event=credential_accepted")
        self.wait_for_polls(daemon, "i0", 1)
        self.check_nothing_secret(daemon)

    def test_oidc(self):
        simulator = self.start_cloud()
        self.write("id-token", "e2e-secret-id-token\n")
        daemon = self.start_daemon(self.config(simulator, "{type: oidc, idp_id: my-idp, id_token_file: id-token}", instances=4))
        for n in range(4):
            self.wait_for_polls(daemon, f"i{n}", 2)
        self.assertEqual([r["operation"] for r in self.requests(simulator) if r["operation"] != "list"], ["id_token", "temporary_keys"])
        self.assertIn(f'project_id="{PROJECT_ID}"', self.metrics(daemon), "the token of IAM tells the project")
        for operation in ("token", "temporary_keys"):
            self.assertEqual(self.asked(daemon, operation), {"201": "1"})

        self.control(simulator, "identity_providers", {"id": "my-idp", "id_token": "e2e-secret-next", "revoke": True})
        self.write("id-token", "e2e-secret-next\n")
        wait_for(lambda: len(self.requests(simulator, "temporary_keys")) == 2, "new keys")
        self.wait_for_polls(daemon, "i0", self.polls(daemon, "i0") + 2)
        self.assertEqual(daemon.lines("event=poll_failed"), [])
        self.check_nothing_secret(daemon)

    def test_an_id_token_that_is_refused_is_sent_once(self):
        simulator = self.start_cloud()
        self.write("id-token", "e2e-secret-wrong\n")
        env = {"HUAWEICLOUD_SDK_IDP_ID": "my-idp", "HUAWEICLOUD_SDK_ID_TOKEN_FILE": str(self.folder / "id-token")}
        daemon = self.start_daemon(self.config(simulator, "{type: oidc}", instances=4), env=env)
        for n in range(4):
            self.wait_for_polls(daemon, f"i{n}", 3, result="auth")
        self.assertEqual([r["status"] for r in self.requests(simulator)], [401])
        self.write("id-token", "e2e-secret-id-token\n")
        daemon.wait_for_line("event=credential_accepted")
        self.check_nothing_secret(daemon)

    def test_default_chain_in_a_container(self):
        simulator = self.start_cloud()
        self.write("id-token", "e2e-secret-id-token\n")
        provider = {"HUAWEICLOUD_SDK_IDP_ID": "my-idp", "HUAWEICLOUD_SDK_ID_TOKEN_FILE": str(self.folder / "id-token")}
        key = {"HUAWEICLOUD_SDK_AK": "E2EACCESSKEY", "HUAWEICLOUD_SDK_SK": "e2e-secret-key"}
        everything = {"HOME": "/nonexistent", "REPLMOND_METADATA_ENDPOINT": simulator.url, **self.pod_environment(simulator)}
        places = {"temporary_keys": {**everything, **provider, **key}, "pod_identity": everything}
        for wanted, env in places.items():
            with self.subTest(wanted):
                self.control(simulator, "requests", None, method="DELETE")
                daemon = self.start_daemon(self.config(simulator, "{type: default}"), env=env)
                self.wait_for_polls(daemon, "i0", 1)
                asked = {r["operation"] for r in self.requests(simulator)}
                self.assertEqual(asked & {"temporary_keys", "pod_identity", "metadata_key"}, {wanted})
                self.check_nothing_secret(daemon)
                daemon.stop()
        with self.subTest("half a pod identity is not passed over"):
            daemon = self.start_daemon(self.config(simulator, "{type: default}"), env={**everything, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": ""})
            self.assertRegex(daemon.wait_for_line("event=poll_failed"), "result=auth .*HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not set")

    def test_a_lying_clock_is_told(self):
        simulator = self.start_cloud()
        self.control(simulator, "clock", {"offset_seconds": -3600})
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"))
        line = daemon.wait_for_line("event=credential_refused")
        self.assertRegex(line, r"clock is 3(599|600|601) s ahead of the cloud's")
        self.assertRegex(daemon.wait_for_line("event=poll_failed"), "clock is")


class SideRequests(CloudWithUsers):
    """The list accepts the credential; another operation answers 401: that is that operation's failure."""

    KEY = "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"
    TDB = "0000000000000000000000000000000ain07"

    def check_polls_go_on(self, daemon, more=4):
        for n in range(2):
            self.wait_for_polls(daemon, f"i{n}", self.polls(daemon, f"i{n}") + more)
            self.assertEqual(self.polls(daemon, f"i{n}", "auth"), 0)
        self.assertEqual(self.usable(daemon), "1")
        self.assertEqual(daemon.lines("event=(credential_refused|poll_failed)"), [])

    def test_a_401_of_the_error_texts(self):
        simulator = self.start_cloud()
        self.control(simulator, "faults", {"operation": "configuration", "status": 401})
        self.control(simulator, "tasks", {"instance": IDS[0], "task_name": "t", "set": {"status": "No", "error_msg": "disk full"}})
        config = self.config(simulator, self.KEY, instances=2, extra=f"project_id: {PROJECT_ID}")
        daemon = self.start_daemon(config + "alerts: {repeat_interval: 3s}\n")
        line = daemon.wait_for_line("event=reason_failed")
        self.assertRegex(line, r'level=WARN msg="the error text of the task cannot be read; polls go on" event=reason_failed project=demo starrocks_instance=\S+ task=t result=auth '
                               r'http_status=401 error_code=APIGW\.0301 error_msg=".*decrypt token fail" request_id=[0-9a-f]{32}$')
        self.check_polls_go_on(daemon)
        wait_for(lambda: len(daemon.lines("event=reason_failed")) >= 2, "it to be said again")
        self.control(simulator, "faults", None, method="DELETE")
        self.assertIn('reason="disk full"', daemon.wait_for_line("event=replication_reason"))
        daemon.wait_for_line("level=INFO .*event=reason_recovered project=demo after=[0-9.]+ failures=[0-9]+")

    def test_each_request_has_a_line_at_debug(self):
        simulator = self.start_cloud()
        self.control(simulator, "tasks", {"instance": IDS[0], "task_name": "t", "set": {"status": "No", "error_msg": "disk full"}})
        config = self.config(simulator, '{type: password, domain: account, user: watcher, password: "e2e-secret-\\"pass\\""}')
        daemon = self.start_daemon(config, "--log.level=debug")
        ending = r" http_status=200 duration=[0-9.]+ attempt=1 request_id=[0-9a-f]{32}$"
        about = rf"level=DEBUG msg=.* event=request project=demo starrocks_instance=i0 instance_id={IDS[0]} operation="
        daemon.wait_for_line(about + "list" + ending)
        daemon.wait_for_line(about + "configuration" + ending)
        daemon.wait_for_line("event=request project=demo operation=token http_status=201 duration=[0-9.]+ attempt=1 request_id=[0-9a-f]{32}$")
        self.control(simulator, "faults", {"operation": "list", "status": 503})
        daemon.wait_for_line(about + "list http_status=503 .* attempt=2 ")
        self.check_nothing_secret(daemon)
        self.assertNotIn("Signature=", daemon.output())

    def test_no_request_has_a_line_else(self):
        simulator = self.start_cloud()
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"))
        self.wait_for_polls(daemon, "i0", 2)
        self.assertEqual(daemon.lines("event=request"), [])

    def test_a_403_of_the_error_texts(self):
        simulator = self.start_cloud()
        self.control(simulator, "faults", {"operation": "configuration", "status": 403})
        self.control(simulator, "tasks", {"instance": IDS[0], "task_name": "t", "set": {"status": "No", "error_msg": "disk full"}})
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"))
        daemon.wait_for_line("level=WARN .* event=reason_failed project=demo starrocks_instance=i0 task=t result=http http_status=403 ")
        self.control(simulator, "faults", None, method="DELETE")
        daemon.wait_for_line("level=INFO .*event=reason_recovered project=demo ")

    def test_a_401_of_discovery(self):
        scenario = SCENARIO + f"taurusdb: [{{id: {self.TDB}, name: shop, htap: [{IDS[2]}]}}]\n"
        for operation in ("htap", "instances"):
            with self.subTest(operation):
                simulator = self.start_cloud(scenario=scenario)
                self.control(simulator, "faults", {"operation": operation, "status": 401})
                daemon = self.start_daemon(self.config(simulator, self.KEY, instances=2,
                                                       extra=f"project_id: {PROJECT_ID}\n    discover: {{interval: 1s}}"))
                self.assertRegex(daemon.wait_for_line("event=discovery_failed"), "result=auth http_status=401 error_code=APIGW.0301")
                self.check_polls_go_on(daemon)
                self.assertGreater(len(self.requests(simulator, operation)), 1, "and it is tried again")
                self.assertEqual(len(daemon.lines("event=discovery_failed")), 1)
                self.control(simulator, "faults", None, method="DELETE")
                daemon.wait_for_line(f"event=instance_discovered .*instance_id={IDS[2]}")
                daemon.stop()
                simulator.stop()

    def test_a_wrong_key_is_tried_once_where_a_project_discovers(self):
        simulator = self.start_cloud()
        daemon = self.start_daemon(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: wrong-one}", instances=2,
                                               extra=f"project_id: {PROJECT_ID}\n    discover: {{interval: 1s}}"))
        self.wait_for_polls(daemon, "i0", 4, result="auth")
        daemon.wait_for_line("event=discovery_failed")
        self.assertEqual([(r["operation"], r["status"]) for r in self.requests(simulator)], [("list", 401)])


class SecretFiles(CloudWithUsers):
    AUTH = "{type: aksk, access_key: E2EACCESSKEY, secret_key_file: sk}"

    def start_with(self, secret):
        self.simulator = self.start_cloud()
        self.write("sk", secret)
        self.project = f"project_id: {PROJECT_ID}"
        return self.start_daemon(self.config(self.simulator, self.AUTH, extra=self.project))

    def make_fifo(self, name):
        path = self.folder / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        return path

    def test_a_fifo_as_secret_at_a_reload(self):
        daemon = self.start_with("e2e-secret-key\n")
        self.wait_for_polls(daemon, "i0", 1)
        path = self.make_fifo("sk")
        line = self.reload(daemon, event="config_reload_failed")
        self.assertRegex(line, rf'error=".*replmond\.yaml:\d+:\d+: .*cannot read {path}: it is not a regular file"')
        self.wait_for_polls(daemon, "i0", self.polls(daemon, "i0") + 2)
        self.assertEqual(http(daemon.url + "/-/healthy")[0], 200)

    def test_a_fifo_as_secret_while_it_is_held(self):
        daemon = self.start_with("wrong-one\n")
        self.wait_for_polls(daemon, "i0", 1, result="auth")
        path = self.make_fifo("sk")
        self.wait_for_polls(daemon, "i0", self.polls(daemon, "i0", "auth") + 3, result="auth")
        self.assertEqual(http(daemon.url + "/-/healthy")[0], 200)
        path.unlink()
        self.write("sk", "e2e-secret-key\n")
        self.wait_for_polls(daemon, "i0", 1)
        self.assertEqual(daemon.stop(), 0)

    def test_a_configuration_from_a_pipe(self):
        simulator = self.start_cloud()
        config = self.config(simulator, "{type: token, token: e2e-secret-token}", extra=f"project_id: {PROJECT_ID}")
        done = subprocess.run([str(DAEMON), "check-config", "/dev/stdin"], input=config, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("/dev/stdin: OK", done.stdout)

    def test_a_pipe_is_not_waited_for_at_a_reload(self):
        daemon = self.start_with("e2e-secret-key\n")
        self.wait_for_polls(daemon, "i0", 1)
        path = self.make_fifo("replmond.yaml")
        line = self.reload(daemon, event="config_reload_failed")
        self.assertIn(f'error="{path}: cannot be read: it is not a regular file"', line)
        self.wait_for_polls(daemon, "i0", self.polls(daemon, "i0") + 2)


class SentBack(CloudWithUsers):
    """A cloud that sends back what it was sent, and more that it knows."""

    PASSWORD = r'{type: password, domain: account, user: watcher, password: "e2e-secret-\"pass\""}'

    def read_everything(self, daemon, env=None):
        pages = ["/", "/metrics", "/config", "/api/v1/summary", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events?limit=1000"]
        read = [http(daemon.url + page)[2] for page in pages]
        self.assertEqual(daemon.stop(), 0)
        events = subprocess.run([str(DAEMON), "events", f"--config.file={self.folder}/replmond.yaml"], env={**os.environ, **(env or {})},
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(events.returncode, 0, events.stderr)
        stored = b"".join(path.read_bytes() for path in self.folder.glob("state.db*")).decode(errors="replace")
        return read + [events.stdout, stored, daemon.output(), daemon.errors()]

    def start_with(self, simulator, auth, env=None):
        config = self.config(simulator, auth, extra=f"project_id: {PROJECT_ID}") + f"state: {{path: {self.folder}/state.db}}\n"
        return self.start_daemon(config, env={"REPLMOND_METADATA_ENDPOINT": simulator.url, **(env or {})})

    def check(self, auth, secret, simulator=None, env=None):
        simulator = simulator or self.start_cloud()
        told = {"error_code": "{sent}", "error_msg": "no: {sent} " + secret, "echo": True}
        self.control(simulator, "faults", {"operation": "list", "count": 1, "status": 403, **told})
        self.control(simulator, "faults", {"operation": "configuration", "count": 1, "status": 401, **told})
        self.control(simulator, "faults", {"operation": "configuration", "status": 200, "echo": True,
                                           "body": json.dumps({"error_msg": "reason {sent} " + secret})})
        spelled = "".join(f"\\u{ord(c):04x}" for c in secret)  # as no client writes it, and every reader of JSON reads it
        tasks = ['{"task_name":"named ?","stage":"stage ?","status":"No","source_database":"db {sent}","percentage":"?"}'.replace("?", name)
                 for name in (spelled, json.dumps(secret)[1:-1] + " 2")]
        self.control(simulator, "faults", {"operation": "list", "status": 200, "echo": True,
                                           "body": f'{{"ext_text":"{spelled}","total_count":2,"replications":[{",".join(tasks)}]}}'})
        daemon = self.start_with(simulator, auth, env)
        for event in ("poll_failed .*request_id=.*", "reason_failed .*request_id=.*", "replication_reason .*reason=.*", "unexpected_value .*value=.*"):
            daemon.wait_for_line(f"event={event}<secret>")
        self.assertEqual(len(self.samples(daemon, r"starrocks_replication_status\{.*<secret>")), 2)
        for text in self.read_everything(daemon, env):
            self.assertNotIn("e2e-secret", text)
            self.assertNotIn("e2e-meta-secret", text)
            self.assertNotRegex(text, "Signature=[0-9a-f]")
        return daemon

    def test_of_a_key(self):
        self.check("{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}", "e2e-secret-key")

    def test_of_a_password_and_its_token(self):
        daemon = self.check(self.PASSWORD, 'e2e-secret-"pass"')
        self.assertIn('reason="reason <secret> <secret>"', daemon.lines("event=replication_reason")[0])

    def test_of_temporary_keys(self):
        self.check("{type: metadata}", "e2e-meta-secret")

    def test_of_a_pod(self):
        file = self.write("pod-token", "e2e-secret-pod-token\n")
        simulator = self.start_cloud()
        self.check("{type: pod_identity}", "e2e-secret-of-the-pod", simulator,
                   {"HC_CONTAINER_CREDENTIALS_FULL_URI": simulator.url + "/v1/credentials", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)})

    def test_of_an_identity_provider(self):
        self.write("id-token", "e2e-secret-id-token\n")
        self.check("{type: oidc, idp_id: my-idp, id_token_file: id-token}", "e2e-secret-id-token")

    def test_of_iam(self):
        simulator = self.start_cloud()
        self.control(simulator, "faults", {"operation": "token", "status": 401, "error_code": "IAM.0001", "error_msg": "no: {sent}", "echo": True})
        daemon = self.start_with(simulator, self.PASSWORD)
        self.assertIn("<secret>", daemon.wait_for_line("event=credential_refused"))
        daemon.wait_for_line("event=poll_failed")
        for text in self.read_everything(daemon):
            self.assertNotIn("e2e-secret", text)


class CheckOnline(CloudWithUsers):
    def check(self, config, env=None):
        path = self.write("check.yaml", config)
        done = subprocess.run([str(DAEMON), "check-config", "--online", str(path)], capture_output=True, text=True, timeout=60)
        self.assertNotIn("e2e-secret", done.stdout + done.stderr)
        return done.returncode, done.stdout + done.stderr

    def test_accepted(self):
        simulator = self.start_cloud()
        code, text = self.check(self.config(simulator, '{type: password, domain: account, user: watcher, password: "e2e-secret-\\"pass\\""}'))
        self.assertEqual(code, 0, text)
        self.assertRegex(text, rf"project demo: token of the IAM user watcher is accepted; project id {PROJECT_ID}; expires \d{{4}}-")
        code, text = self.check(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"))
        self.assertEqual(code, 0, text)
        self.assertIn(f"project demo: access key ...SKEY of the configuration is accepted; project id {PROJECT_ID}; no end of it is known", text)

    def test_warns_of_a_file_that_others_can_read(self):
        simulator = self.start_cloud()
        path = self.write("check.yaml", self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"))
        for mode, warned in ((0o644, True), (0o640, False)):
            path.chmod(mode)
            done = subprocess.run([str(DAEMON), "check-config", str(path)], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0)
            self.assertEqual("other users can read" in done.stdout, warned, done.stdout)

    def test_refused(self):
        simulator = self.start_cloud()
        code, text = self.check(self.config(simulator, "{type: aksk, access_key: E2EACCESSKEY, secret_key: wrong}"))
        self.assertEqual(code, 1)
        self.assertRegex(text, r"project demo: refused: .*401.*APIGW\.0301.*aksk signature fail")
        self.assertEqual(len([r for r in self.requests(simulator) if r["status"] == 401]), 1)
