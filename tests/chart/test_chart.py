"""What the chart renders, for every set of values in tests/chart/values; the tools come from tests/chart/pinned."""
import base64
import functools
import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile
import unittest

import yaml

import generated
import renderings
import tools
from renderings import NAMES, arguments, config, containers, objects, of, one, pod

ROOT = tools.ROOT
BOARDS = ("replmond-fleet", "replmond-task", "replmond-daemon")


def setUpModule():
    tools.install()


def rules_of(name):
    found = renderings.of(name, "PrometheusRule")
    return {one["metadata"]["name"]: one["spec"] for one in found}


def parsed(path):
    return yaml.load((ROOT / path).read_text(), yaml.CSafeLoader)


def for_every_set(test):
    """Runs a test for each set of values."""

    @functools.wraps(test)
    def run(self):
        for name in NAMES:
            with self.subTest(name):
                test(self, name)

    return run


class EverySetTest(unittest.TestCase):
    @for_every_set
    def test_helm_finds_nothing_to_complain_of(self, name):
        for age in tools.PAIRS:
            said = tools.run("helm", "lint", "--strict", f"--values={ROOT}/tests/chart/values/{name}.yaml", tools.CHART, age=age)
            self.assertNotRegex(said, r"\[(WARNING|ERROR)\]")

    @for_every_set
    def test_both_helms_render_the_same(self, name):
        for kubernetes in renderings.KUBERNETES:
            self.assertEqual(renderings.text(name, kubernetes, "oldest"), renderings.text(name, kubernetes, "newest"))

    @for_every_set
    def test_names_are_given_once(self, name):
        names = [(found["kind"], found["metadata"]["name"]) for found in objects(name)]
        self.assertEqual(len(names), len(set(names)), names)

    @for_every_set
    def test_standard_labels(self, name):
        for found in objects(name):
            labels = found["metadata"]["labels"]
            self.assertEqual(labels["app.kubernetes.io/name"], "replmond")
            self.assertEqual(labels["app.kubernetes.io/instance"], "replmond")
            self.assertEqual(labels["app.kubernetes.io/version"], version())
            self.assertEqual(labels["app.kubernetes.io/managed-by"], "Helm")

    @for_every_set
    def test_selectors_match_the_pods(self, name):
        labels = pod(name)["metadata"]["labels"].items()
        for found in objects(name):
            selector = found.get("spec", {}).get("selector") or found.get("spec", {}).get("podSelector")
            if found["kind"] in ("Service", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy"):
                self.assertTrue(selector, found["kind"])
                self.assertLessEqual(selector.get("matchLabels", selector).items(), labels, found["kind"])

    @for_every_set
    def test_the_statefulset_has_its_headless_service(self, name):
        governing = one(name, "StatefulSet")["spec"]["serviceName"]
        [service] = [found for found in of(name, "Service") if found["metadata"]["name"] == governing]
        self.assertEqual(service["spec"]["clusterIP"], "None")
        self.assertIs(service["spec"]["publishNotReadyAddresses"], True)

    @for_every_set
    def test_pods_hold_to_the_restricted_pod_security_standard(self, name):
        allowed = {"name", "configMap", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret", "csi"}
        spec = pod(name)["spec"]
        self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & spec.keys())
        self.assertIs(spec["automountServiceAccountToken"], False)
        self.assertEqual(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertIs(spec["securityContext"]["runAsNonRoot"], True)
        for key in ("runAsUser", "runAsGroup", "fsGroup"):
            self.assertEqual(spec["securityContext"][key], 65532)
        for volume in spec["volumes"]:
            self.assertLessEqual(volume.keys(), allowed)
        for container in containers(name):
            context = container["securityContext"]
            self.assertIs(context["allowPrivilegeEscalation"], False)
            self.assertIs(context["readOnlyRootFilesystem"], True)
            self.assertIs(context["runAsNonRoot"], True)
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertNotIn("privileged", context)
            self.assertFalse([port for port in container.get("ports", []) if "hostPort" in port])

    @for_every_set
    def test_every_mount_has_its_volume_and_every_volume_a_mount(self, name):
        claims = one(name, "StatefulSet")["spec"].get("volumeClaimTemplates", [])
        volumes = [volume["name"] for volume in pod(name)["spec"]["volumes"]] + [claim["metadata"]["name"] for claim in claims]
        self.assertEqual(len(volumes), len(set(volumes)))
        mounted = [mount["name"] for container in containers(name) for mount in container["volumeMounts"]]
        self.assertEqual(set(mounted), set(volumes))

    @for_every_set
    def test_files_are_mounted_as_folders_that_are_not_inside_each_other(self, name):
        for container in containers(name):
            folders = [mount["mountPath"] for mount in container["volumeMounts"]]
            self.assertFalse([mount for mount in container["volumeMounts"] if "subPath" in mount])
            self.assertFalse([(a, b) for a in folders for b in folders if b.startswith(f"{a}/")])

    @for_every_set
    def test_secrets_are_readable_for_the_group_only(self, name):
        for volume in pod(name)["spec"]["volumes"]:
            if "projected" in volume:
                self.assertEqual(volume["projected"]["defaultMode"], 0o440)

    @for_every_set
    def test_what_is_mounted_from_a_made_object_is_in_it(self, name):
        made = {(found["kind"], found["metadata"]["name"]): found["data"] for found in of(name, "ConfigMap") + of(name, "Secret")}
        for volume in pod(name)["spec"]["volumes"]:
            for source in volume.get("projected", {}).get("sources", []):
                for kind, key in (("Secret", "secret"), ("ConfigMap", "configMap")):
                    if key in source and (kind, source[key]["name"]) in made:
                        keys = {item["key"] for item in source[key].get("items", [])}
                        self.assertLessEqual(keys, made[kind, source[key]["name"]].keys())

    @for_every_set
    def test_no_template_is_left(self, name):
        for found in objects(name):
            if found["kind"] != "PrometheusRule" and "-board-" not in found["metadata"]["name"]:
                self.assertNotRegex(json.dumps(found), r"\{\{|<no value>|%!")

    @for_every_set
    def test_the_daemon_gets_what_it_needs(self, name):
        shards = one(name, "StatefulSet")["spec"]["replicas"]
        got = arguments(name)
        self.assertEqual(got[0], "run")
        for wanted in ("--config.file=/etc/replmond/replmond.yaml", "--config.enable-auto-reload",
                       "--state.path=/var/lib/replmond/state.db", "--web.listen-address=:10930"):
            self.assertIn(wanted, got)
        self.assertEqual([argument for argument in got if argument.startswith("--shard")], [f"--shard=hostname/{shards}"] if shards > 1 else [])

    @for_every_set
    def test_the_configuration_is_checked_as_the_daemon_reads_it(self, name):
        init = pod(name)["spec"].get("initContainers", [])
        self.assertEqual(len(init), 0 if name == "off" else 1)
        for container in init:
            self.assertEqual(container["args"][0], "check-config")
            self.assertLessEqual(set(container["args"][1:]), set(arguments(name)))
            [daemon] = pod(name)["spec"]["containers"]
            self.assertEqual(container["image"], daemon["image"])
            self.assertLessEqual({entry["name"] for entry in container["env"]}, {entry["name"] for entry in daemon["env"]})
            for mount in container["volumeMounts"]:
                self.assertIn(mount, daemon["volumeMounts"])

    @for_every_set
    def test_probes_go_where_the_daemon_answers(self, name):
        [daemon] = pod(name)["spec"]["containers"]
        if name == "client-certificates":
            self.assertEqual(daemon["readinessProbe"]["tcpSocket"], {"port": "http"})
            return
        scheme = "HTTPS" if name in ("web", "existing") else "HTTP"
        for probe, path in (("startupProbe", "/-/healthy"), ("livenessProbe", "/-/healthy"), ("readinessProbe", "/-/ready")):
            self.assertEqual(daemon[probe]["httpGet"]["path"], path)
            self.assertEqual(daemon[probe]["httpGet"]["scheme"], scheme)
            self.assertEqual("httpHeaders" in daemon[probe]["httpGet"], name == "web")


class ProgramTest(unittest.TestCase):
    """What the program itself says of what was rendered for it."""

    @classmethod
    def setUpClass(cls):
        cls.replmond = ROOT / os.environ.get("REPLMOND_BUILD", "build/release") / "replmond"
        if not cls.replmond.exists():
            skip("the chart's configurations and flags, by replmond itself", "it is not built")
            raise unittest.SkipTest(f"there is no {cls.replmond}")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.certificate, cls.key = pathlib.Path(folder.name, "crt"), pathlib.Path(folder.name, "key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a",
                        "-keyout", cls.key, "-out", cls.certificate], check=True, capture_output=True)

    @for_every_set
    def test_it_takes_the_configurations(self, name):
        if config(name) is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            etc = {path: text for found in of(name, "ConfigMap") for path, text in found["data"].items() if not path.endswith(".json")}
            web = {"tls.crt": self.certificate.read_text(), "ca.crt": self.certificate.read_text(), "tls.key": self.key.read_text()}
            projected(pathlib.Path(folder, "replmond"), etc | renderings.secret_files(name))
            projected(pathlib.Path(folder, "replmond-web"), web | web_files(name))
            for container in pod(name)["spec"].get("initContainers", []):
                command = [argument.replace("/etc/", f"{folder}/") for argument in container["args"]]
                done = subprocess.run([self.replmond, *command], capture_output=True, text=True, cwd=folder, env={"REPLMOND_PASSWORD": "a"})
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @for_every_set
    def test_it_knows_the_flags(self, name):
        for container in containers(name):
            command, *flags = container["args"]
            said = subprocess.run([self.replmond, command, "--help"], capture_output=True, text=True).stdout
            self.assertEqual({flag.partition("=")[0] for flag in flags} - set(re.findall(r"--[a-z][\w.-]*", said)), set())


class ShardsTest(unittest.TestCase):
    def test_a_volume_for_each(self):
        spec = one("shards", "StatefulSet")["spec"]
        self.assertEqual(spec["replicas"], 3)
        self.assertEqual(spec["podManagementPolicy"], "Parallel")
        [claim] = spec["volumeClaimTemplates"]
        self.assertEqual(claim["spec"]["resources"], {"requests": {"storage": "10Gi"}})
        self.assertEqual(claim["spec"]["storageClassName"], "csi-disk")
        self.assertNotIn(version(), json.dumps(claim))

    def test_what_becomes_of_claims_is_said_to_clusters_that_know_it(self):
        for kubernetes, wanted in (("oldest", None), ("newest", {"whenDeleted": "Retain", "whenScaled": "Delete"})):
            [found] = of("shards", "StatefulSet", kubernetes)
            self.assertEqual(found["spec"].get("persistentVolumeClaimRetentionPolicy"), wanted)

    def test_spread_and_evicted_one_at_a_time(self):
        [spread] = pod("shards")["spec"]["topologySpreadConstraints"]
        self.assertEqual(spread["topologyKey"], "kubernetes.io/hostname")
        self.assertEqual(one("shards", "PodDisruptionBudget")["spec"]["maxUnavailable"], 1)
        self.assertEqual(of("default", "PodDisruptionBudget"), [])
        self.assertEqual(of("off", "PodDisruptionBudget"), [])
        self.assertEqual(one("hardened", "PodDisruptionBudget")["spec"]["maxUnavailable"], 1)
        self.assertNotIn("topologySpreadConstraints", pod("default")["spec"])

    def test_each_knows_where_its_own_pages_are(self):
        self.assertIn("--web.external-url=https://replmond.example.com/$(POD_NAME)", arguments("shards"))
        [daemon] = [container for container in containers("shards") if container["name"] == "replmond"]
        self.assertIn({"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, daemon["env"])
        self.assertNotIn("POD_NAME", json.dumps(pod("web")))

    def test_pages_link_to_the_boards(self):
        self.assertIn("--web.grafana-url=https://grafana.example.com", arguments("web"))
        self.assertIn("--web.grafana-url=https://grafana.example.com/", arguments("links"))  # where the alerts' boards are
        self.assertNotIn("grafana", " ".join(arguments("default")))

    def test_image_by_digest(self):
        self.assertEqual({container["image"] for container in containers("shards")},
                         {"swr.ap-southeast-3.myhuaweicloud.com/my-organization/replmond@sha256:" + "0123456789abcdef" * 4})
        self.assertEqual({container["image"] for container in containers("default")}, {f"registry.example.com/replmond:{version()}"})
        self.assertEqual({container["image"] for container in containers("operator")}, {"registry.example.com/replmond:0.1.0-test"})

    def test_secrets_lie_below_the_configuration(self):
        self.assertEqual(renderings.secret_files("shards"), {"secrets/ak": "EXAMPLEACCESSKEY0001", "secrets/sk": "example-secret-key"})

    def test_without_persistence_a_limited_folder(self):
        volumes = {volume["name"]: volume for volume in pod("default")["spec"]["volumes"]}
        self.assertEqual(volumes["state"]["emptyDir"], {"sizeLimit": "512Mi"})


class MonitoringTest(unittest.TestCase):
    def test_rules_are_those_of_dashboards(self):
        self.assertEqual(rules_of("operator"), {"replmond-alerts": parsed("dashboards/alerts.yaml"), "replmond-records": parsed("dashboards/rules.yaml")})

    def test_links_of_alerts(self):
        expected = (ROOT / "dashboards/alerts.yaml").read_text().replace('"/d/replmond-', '"https://grafana.example.com/d/replmond-')
        expected = expected.replace("docs/operations.md#", "https://wiki.example.com/replmond/operations#")
        self.assertEqual(rules_of("links"), {"replmond-alerts": yaml.safe_load(expected)})

    def test_boards_are_those_of_dashboards(self):
        found = {one["metadata"]["name"]: one for one in of("operator", "ConfigMap") if "-board-" in one["metadata"]["name"]}
        self.assertEqual(len(found), len(BOARDS))
        for board in BOARDS:
            one = found[board.replace("replmond-", "replmond-board-")]
            [(name, text)] = one["data"].items()
            self.assertEqual(name, f"{board}.json")
            self.assertEqual(text, (ROOT / f"dashboards/{board}.json").read_text())
            self.assertEqual(one["metadata"]["labels"]["grafana_dashboard"], "1")
            self.assertLess(len(text.encode()), 1024 * 1024, "a ConfigMap's limit")

    def test_every_rule_and_board_is_in_the_chart(self):
        files = {path.name for path in [*(ROOT / "dashboards").glob("*.yaml"), *(ROOT / "dashboards").glob("*.json")]}
        self.assertEqual({path.name for path in (tools.CHART / "files").iterdir()}, files)

    def test_a_package_has_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            tools.run("helm", "package", tools.CHART, f"--destination={folder}")
            with tarfile.open(f"{folder}/replmond-{version()}.tgz") as package:
                for path in (tools.CHART / "files").iterdir():
                    self.assertEqual(package.extractfile(f"replmond/files/{path.name}").read(), (ROOT / "dashboards" / path.name).read_bytes())

    def test_a_chart_whose_links_were_lost_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["cp", "-r", tools.CHART, f"{folder}/replmond"], check=True)
            for path in pathlib.Path(folder, "replmond/files").iterdir():
                path.unlink()
            with self.assertRaisesRegex(tools.Failed, "files/alerts.yaml is missing"):
                tools.template("--set=image.repository=a", "--set=prometheusRule.enabled=true", chart=f"{folder}/replmond")

    def test_the_servicemonitor_scrapes_each_pod_once(self):
        labels = one("operator", "ServiceMonitor")["spec"]["selector"]["matchLabels"].items()
        selected = [found["metadata"]["name"] for found in of("operator", "Service") if labels <= found["metadata"]["labels"].items()]
        self.assertEqual(selected, ["replmond-headless"])
        [endpoint] = one("operator", "ServiceMonitor")["spec"]["endpoints"]
        self.assertIn({"targetLabel": "job", "replacement": "replmond"}, endpoint["relabelings"])
        self.assertEqual(one("operator", "ServiceMonitor")["metadata"]["labels"]["release"], "kube-prometheus-stack")

    def test_annotations_where_nothing_else_scrapes(self):
        annotations = pod("default")["metadata"]["annotations"]
        self.assertEqual(annotations, {"prometheus.io/scrape": "true", "prometheus.io/port": "10930", "prometheus.io/path": "/metrics", "prometheus.io/scheme": "http"})
        self.assertNotIn("annotations", pod("operator")["metadata"])
        self.assertNotIn("annotations", pod("off")["metadata"])
        self.assertEqual(pod("hardened")["metadata"]["annotations"]["prometheus.io/scrape"], "false", "what is given wins")

    def test_scrapes_know_tls_and_passwords(self):
        [endpoint] = one("web", "ServiceMonitor")["spec"]["endpoints"]
        self.assertEqual(endpoint["scheme"], "https")
        self.assertEqual(endpoint["tlsConfig"]["serverName"], "replmond.monitoring.svc")
        self.assertEqual(endpoint["basicAuth"]["password"], {"name": "replmond-scrape", "key": "password"})


class AccessTest(unittest.TestCase):
    def test_a_tls_secret_turns_tls_on(self):
        [secret] = of("web", "Secret")
        web = yaml.safe_load(base64.b64decode(secret["data"]["web.yml"]))
        self.assertEqual(web["tls_server_config"], {"cert_file": "tls.crt", "key_file": "tls.key"})
        self.assertEqual(sorted(web["basic_auth_users"]), ["probes", "prometheus"])
        sources = {volume["name"]: volume for volume in pod("web")["spec"]["volumes"]}["web"]["projected"]["sources"]
        self.assertEqual(sources, [{"secret": {"name": "replmond-web"}}, {"secret": {"name": "replmond-tls"}}])
        self.assertIn("--web.config.file=/etc/replmond-web/web.yml", arguments("web"))
        self.assertIn("--web.allowed-hosts=replmond.monitoring.svc", arguments("web"))

    def test_a_web_configuration_as_text(self):
        [secret] = of("texts", "Secret")
        self.assertTrue(base64.b64decode(secret["data"]["web.yml"]).decode().startswith("# neither TLS nor passwords, and meant so\n"))

    def test_objects_that_are_there_already(self):
        self.assertEqual(of("existing", "ConfigMap") + of("existing", "Secret") + of("existing", "ServiceAccount"), [])
        self.assertEqual(pod("existing")["spec"]["serviceAccountName"], "watcher")
        volumes = {volume["name"]: volume["projected"]["sources"] for volume in pod("existing")["spec"]["volumes"] if "projected" in volume}
        self.assertEqual(volumes["config"], [
            {"configMap": {"name": "my-replmond"}},
            {"secret": {"name": "replmond-keys", "items": [{"key": "ak", "path": "secrets/ak"}, {"key": "sk", "path": "secrets/secret-key"}]}},
            {"secret": {"name": "replmond-database", "items": [{"key": "password", "path": "secrets/sr-password"}]}},
        ])
        self.assertEqual(volumes["web"], [{"secret": {"name": "replmond-web"}}])

    def test_oidc(self):
        [volume] = [volume for volume in pod("oidc")["spec"]["volumes"] if volume["name"] == "oidc-token"]
        [source] = volume["projected"]["sources"]
        self.assertEqual(source, {"serviceAccountToken": {"path": "token", "audience": "client-id-of-the-provider", "expirationSeconds": 3600}})
        for container in containers("oidc"):
            self.assertIn({"name": "HUAWEICLOUD_SDK_ID_TOKEN_FILE", "value": "/var/run/secrets/replmond/token"}, container["env"])
            self.assertIn({"name": "HUAWEICLOUD_SDK_IDP_ID", "value": "cce-production"}, container["env"])
            self.assertIn("/var/run/secrets/replmond", [mount["mountPath"] for mount in container["volumeMounts"]])

    def test_pod_identity_needs_a_service_account_only(self):
        self.assertEqual(pod("pod-identity")["spec"]["serviceAccountName"], "replmond-prod")
        account = one("pod-identity", "ServiceAccount")
        self.assertEqual(account["metadata"]["name"], "replmond-prod")
        self.assertIs(account["automountServiceAccountToken"], False)

    def test_network_policy(self):
        spec = one("hardened", "NetworkPolicy")["spec"]
        self.assertEqual(spec["policyTypes"], ["Ingress", "Egress"])
        [rule] = spec["ingress"]
        self.assertEqual(rule["ports"], [{"port": "http", "protocol": "TCP"}])
        self.assertEqual(rule["from"], [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}])
        ports = [{(port["port"], port["protocol"]) for port in rule["ports"]} for rule in spec["egress"]]
        self.assertEqual(ports, [{(53, "UDP"), (53, "TCP")}, {(443, "TCP")}, {(3306, "TCP")}])
        self.assertEqual(spec["egress"][1]["to"], [{"ipBlock": {"cidr": "198.51.100.0/24"}}])
        self.assertEqual(of("default", "NetworkPolicy"), [])

    def test_a_checksum_only_where_it_is_asked_for(self):
        self.assertIn("checksum/config", pod("hardened")["metadata"]["annotations"])
        self.assertNotIn("checksum/config", json.dumps(objects("shards")))


class ConfigTest(unittest.TestCase):
    def test_values_come_out_as_they_went_in(self):
        written = parsed("tests/chart/values/types.yaml")["config"]
        self.assertEqual(yaml.safe_load(config("types")), written)

    def test_text_comes_out_as_it_went_in(self):
        written = parsed("tests/chart/values/texts.yaml")
        self.assertEqual(config("texts"), written["config"])
        [found] = [found for found in of("texts", "ConfigMap")]
        self.assertEqual(found["data"]["private-ca.pem"], written["configFiles"]["private-ca.pem"])

    def test_nothing_is_valid_and_says_so(self):
        self.assertEqual(yaml.safe_load(config("default")), {"projects": [], "instances": []})


class RefusalTest(unittest.TestCase):
    """Values that are refused, with the place that the message names: /a/b/0 in Helm 4, a.b.0 in Helm 3."""

    SCHEMA = {
        "an unknown key": ("shard: 3", "shard"),
        "an unknown key further in": ("persistence: {enable: true}", "persistence"),
        "no shard": ("shards: 0", "shards"),
        "a text for a number": ("shards: '3'", "shards"),
        "an id that is a number": ("config: {projects: [{project_id: 12345678901234567890123456789012}]}", "config/projects/0/project_id"),
        "an id that is a number with an exponent": ("config: {projects: [{project_id: 123456789012345678901234567e0012}]}", "config/projects/0/project_id"),
        "a name that is true": ("config: {instances: [{name: on}]}", "config/instances/0/name"),
        "a label that is a number": ("config: {instances: [{labels: {tier: 0123}}]}", "config/instances/0/labels/tier"),
        "a key that is a number": ("config: {projects: [{auth: {access_key: 123}}]}", "config/projects/0/auth/access_key"),
        "TLS that is false": ("config: {instances: [{lag: {tls: off}}]}", "config/instances/0/lag/tls"),
        "a secret that is a number": ("secrets: {ak: 123}", "secrets/ak"),
        "a secret with a path": ("secrets: {a/k: text}", "a/k"),
        "a secret's path that leads away": ("secretMounts: [{name: a, items: [{key: a, path: ../a}]}]", "secretMounts/0/items/0/path"),
        "a secret without keys": ("secretMounts: [{name: a}]", "secretMounts/0"),
        "a log format": ("logFormat: xml", "logFormat"),
        "a pull policy": ("image: {pullPolicy: Sometimes}", "image/pullPolicy"),
        "a digest": ("image: {digest: latest}", "image/digest"),
        "a port": ("service: {port: 70000}", "service/port"),
        "a size": ("persistence: {size: 10GB}", "persistence/size"),
        "volumes that several nodes write": ("persistence: {accessModes: [ReadWriteMany]}", "persistence/accessModes/0"),
        "a scheme": ("web: {scheme: ftp}", "web/scheme"),
        "a URL": ("web: {externalUrl: replmond.example.com}", "web/externalUrl"),
        "oidc without audience": ("oidc: {enabled: true}", "oidc/audience"),
        "a token that ends too soon": ("oidc: {expirationSeconds: 60}", "oidc/expirationSeconds"),
        "an interval": ("serviceMonitor: {interval: 15}", "serviceMonitor/interval"),
        "an annotation that is true": ("podAnnotations: {a: yes}", "podAnnotations/a"),
        "a probe's unknown key": ("probes: {liveness: {period: 3}}", "probes/liveness"),
    }
    TEMPLATES = {
        "no image": ("image: {repository: ''}", "image.repository is empty"),
        "two configurations": ("{config: {poll: {}}, existingConfigMap: a}", "config and existingConfigMap are both set"),
        "files beside a foreign ConfigMap": ("{configFiles: {a: b}, existingConfigMap: a}", "configFiles and existingConfigMap are both set"),
        "a configuration among the files": ("configFiles: {replmond.yaml: a}", "configFiles has replmond.yaml"),
        "two web configurations": ("web: {config: {a: {}}, existingSecret: a}", "web.config and web.existingSecret are both set"),
        "two secrets of a name": ("{secrets: {ak: a}, secretMounts: [{name: b, items: [{key: ak}]}]}", "two secrets would be the file secrets/ak"),
    }

    def refusal(self, values, age):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(values)
            file.flush()
            with self.assertRaises(tools.Failed) as refused:
                tools.template(f"--values={tools.ROOT}/tests/chart/values/default.yaml", f"--values={file.name}", age=age)
        return str(refused.exception)

    def test_by_the_schema(self):
        for what, (values, place) in self.SCHEMA.items():
            for age in tools.PAIRS:
                with self.subTest(what, helm=age):
                    said = self.refusal(values, age)
                    self.assertIn("don't meet the specifications of the schema", said)
                    self.assertTrue(place in said or place.replace("/", ".") in said, said)

    def test_by_the_templates(self):
        for what, (values, message) in self.TEMPLATES.items():
            for age in tools.PAIRS:
                with self.subTest(what, helm=age):
                    self.assertIn(message, self.refusal(values, age))

    def test_part_of_a_larger_chart(self):
        tools.template(f"--values={tools.ROOT}/tests/chart/values/default.yaml", "--set=global.registry=a", "--set=enabled=true")


class FilesTest(unittest.TestCase):
    def test_versions_are_the_projects(self):
        chart = parsed("packaging/helm/replmond/Chart.yaml")
        self.assertEqual((chart["version"], chart["appVersion"]), (version(), version()))
        for name, pattern in (("kustomization.yaml", rf"newTag: {re.escape(version())}\n"), ("../helm/replmond/Chart.yaml", tools.OLDEST)):
            self.assertRegex((ROOT / "packaging/kubernetes" / name).read_text(), pattern)

    def test_every_value_is_explained_and_in_the_schema(self):
        schema = json.loads((tools.CHART / "values.schema.json").read_text())
        explained = {path for path, _, _ in generated.descriptions()}
        for path, value in leaves(parsed("packaging/helm/replmond/values.yaml")):
            with self.subTest(path):
                self.assertTrue([known for known in explained if path == known or path.startswith(f"{known}.")], "no comment")
                at = schema
                for step in path.split("."):
                    if step not in at.get("properties", {}):
                        self.assertTrue(at.get("$ref") or at.get("additionalProperties") is not False, "not in the schema")
                        break
                    at = at["properties"][step]

    def test_the_schema_has_nothing_else(self):
        schema = json.loads((tools.CHART / "values.schema.json").read_text())
        values = parsed("packaging/helm/replmond/values.yaml")
        self.assertEqual(schema["properties"].keys() - values.keys(), {"global", "enabled"})
        for name, part in schema["properties"].items():
            if part.get("additionalProperties") is False and name in values and name != "resources":
                self.assertEqual(part["properties"].keys(), values[name].keys(), name)

    def test_what_is_written_from_the_chart_is_current(self):
        for path, text in generated.files():
            self.assertEqual(path.read_text(), text, f"{path.name}: run script/chart")

    def test_plain_manifests_name_no_helm(self):
        for name in generated.HEADERS:
            text = (generated.MANIFESTS / name).read_text()
            self.assertNotRegex(text, r"helm\.sh|managed-by|# Source")

    def test_kustomize_takes_the_plain_manifests(self):
        for age in tools.PAIRS:
            built = list(yaml.safe_load_all(tools.run("kubectl", "kustomize", generated.MANIFESTS, age=age)))
            kinds = sorted(found["kind"] for found in built)
            self.assertEqual(kinds, ["ConfigMap", "Secret", "Service", "Service", "ServiceAccount", "StatefulSet"])
            [secret] = [found for found in built if found["kind"] == "Secret"]
            [workload] = [found for found in built if found["kind"] == "StatefulSet"]
            sources = workload["spec"]["template"]["spec"]["volumes"][0]["projected"]["sources"]
            [wanted] = [source["secret"] for source in sources if "secret" in source]
            self.assertEqual(wanted["name"], secret["metadata"]["name"])
            self.assertEqual({item["key"] for item in wanted["items"]}, secret["stringData"].keys())
            self.assertEqual(workload["spec"]["template"]["spec"]["containers"][0]["image"], f"registry.example.com/replmond:{version()}")

    def test_notes(self):
        for values, wanted, unwanted in (
                ("default", ["`config` is empty", "without persistence.enabled", "replmond-0 10930", "1 shard in namespace"], ["Each shard"]),
                ("shards", ["3 shards in namespace", "Each shard shows its own part"], ["WARNING"]),
                ("web", ["https://localhost:10930/"], []),
                ("existing", ["taurus-watch-0"], ["`config` is empty"])):
            with self.subTest(values):
                said = notes(values)
                for text in wanted:
                    self.assertIn(text, said)
                for text in unwanted:
                    self.assertNotIn(text, said)

    def test_schemas_of_kubernetes(self):
        paths = renderings.write(tools.BUILD)
        done = subprocess.run(["node", "check.mjs", *paths], cwd=tools.BUILD, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        print(done.stdout, end="")


def notes(name):
    """NOTES.txt as an installation shows it: templates have no notes, a dry run on the client has."""
    return tools.run("helm", "install", "replmond", tools.CHART, "--dry-run=client", "--namespace=monitoring", "--no-hooks",
                     f"--values={ROOT}/tests/chart/values/{name}.yaml").partition("NOTES:")[2]


def projected(folder, files):
    """Lays files out as kubelet does: each name leads through ..data to a folder that is swapped as a whole."""
    for path, text in files.items():
        target = folder / "..2026_11_30" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(0o440)
    (folder / "..data").symlink_to("..2026_11_30")
    for name in {path.partition("/")[0] for path in files}:
        (folder / name).symlink_to(f"..data/{name}")


def web_files(name):
    return {path: base64.b64decode(text).decode() for found in of(name, "Secret") if found["metadata"]["name"].endswith("-web")
            for path, text in found["data"].items()}


def leaves(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield ".".join((*path, key)), value


def version():
    return re.search(r"project\(replmond VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


def skip(what, why):
    """Says in script/test what was left out."""
    if listed := os.environ.get("REPLMOND_SKIPPED"):
        with open(listed, "a") as file:
            file.write(f"{what}: {why}\n")


if __name__ == "__main__":
    unittest.main()
