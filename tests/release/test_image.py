"""The image: what is in it, through a registry and back, and run as Kubernetes would run it. REPLMOND_RELEASE names the folder of the files."""

import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess
import tarfile
import unittest

from pods import in_pod, make_volume
from roots import InRoot, why_not
from support import PROJECT_ID, http, wait_for
from test_packages import find

@unittest.skipIf(why_not(), why_not())
class Image(InRoot):
    def setUp(self):
        super().setUp()
        self.archive = find("replmond-[0-9]*-image.tar")
        self.layout = self.folder / "layout"
        with tarfile.open(self.archive) as tar:
            tar.extractall(self.layout)

    def blob(self, of):
        return (self.layout / "blobs/sha256" / of["digest"].removeprefix("sha256:")).read_bytes()

    def manifests(self):
        (top,) = json.loads((self.layout / "index.json").read_text())["manifests"]
        return {each["platform"]["architecture"]: json.loads(self.blob(each)) for each in json.loads(self.blob(top))["manifests"]}

    def unpack(self, architecture="amd64"):
        root = self.folder / "root"
        root.mkdir()
        (layer,) = self.manifests()[architecture]["layers"]
        file = self.folder / "layer.tar"
        file.write_bytes(gzip.decompress(self.blob(layer)))
        subprocess.run(["tar", "--extract", "--file", file, "--directory", root, "--same-owner"], check=True)
        return root

    def test_is_for_both_architectures_and_has_nothing_else(self):
        manifests = self.manifests()
        self.assertEqual(sorted(manifests), ["amd64", "arm64"])
        for architecture, manifest in manifests.items():
            settings = json.loads(self.blob(manifest["config"]))
            self.assertEqual(settings["architecture"], architecture)
            self.assertEqual(settings["config"]["User"], "65532:65532")
            self.assertEqual(settings["config"]["Entrypoint"], ["/usr/bin/replmond"])
            labels = settings["config"]["Labels"]
            self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
            self.assertRegex(labels["org.opencontainers.image.version"], r"\A\d+\.\d+\.\d+\Z")
            self.assertRegex(labels["org.opencontainers.image.revision"], r"\A[0-9a-f]{12}\Z")
            (layer,) = manifest["layers"]
            data = gzip.decompress(self.blob(layer))
            self.assertEqual(settings["rootfs"]["diff_ids"], ["sha256:" + hashlib.sha256(data).hexdigest()])
            file = self.folder / "layer.tar"
            file.write_bytes(data)
            with tarfile.open(file) as tar:
                files = {each.name: each for each in tar.getmembers()}
            self.assertEqual(sorted(name for name, each in files.items() if each.isfile()),
                             ["etc/group", "etc/passwd", "etc/replmond/replmond.yaml", "etc/ssl/certs/ca-certificates.crt", "usr/bin/replmond"])
            self.assertEqual((files["var/lib/replmond"].uid, files["var/lib/replmond"].mode), (65532, 0o700))
            self.assertEqual({each.uid for name, each in files.items() if name != "var/lib/replmond"}, {0})

    def test_goes_through_a_registry(self):
        for program in ("docker-registry", "skopeo"):
            if not shutil.which(program):
                self.skipTest(f"{program} is not installed")
        settings = self.write("registry.yml", f"""
version: 0.1
log: {{level: info}}
storage: {{filesystem: {{rootdirectory: {self.folder}/registry}}}}
http: {{addr: "127.0.0.1:0"}}
""")
        registry = self.start("registry", "docker-registry", "serve", settings)
        line = wait_for(lambda: [each for each in (registry.errors() + registry.output()).splitlines() if "listening on" in each], "the registry")[0]
        address = line.split("listening on ")[1].split('"')[0]
        name = f"docker://{address}/replmond:test"
        copy = ["skopeo", "copy", "--quiet", "--all", "--insecure-policy"]
        subprocess.run([*copy, "--dest-tls-verify=false", f"oci-archive:{self.archive}", name], check=True, timeout=120)
        subprocess.run([*copy, "--src-tls-verify=false", name, f"oci:{self.folder}/pulled:test"], check=True, timeout=120)
        pulled = json.loads((self.folder / "pulled/index.json").read_text())["manifests"][0]["digest"]
        self.assertEqual(pulled, json.loads((self.layout / "index.json").read_text())["manifests"][0]["digest"])

    def test_runs_read_only_as_any_user_without_capabilities(self):
        simulator = self.start_simulator(f"""
tokens: [image-token]
projects: [{PROJECT_ID}]
instances:
  - {{id: 00000000000000000000000000000001in17, tasks: [{{name: orders, timeline: [{{stage: incremental}}]}}]}}
""")
        configuration = self.folder / "configuration"
        configuration.mkdir()
        (configuration / "replmond.yaml").write_text(f"""
poll: {{interval: 1s}}
state: {{path: /var/lib/replmond/state.db}}
projects:
  - {{name: demo, region: ap-southeast-3, project_id: {PROJECT_ID}, endpoint: "{simulator.url}", auth: {{type: token, token: image-token}}}}
instances:
  - {{name: i, id: 00000000000000000000000000000001in17, project: demo}}
""")
        uid = 1001230000  # as OpenShift and others choose one
        state = make_volume(self.folder / "volume", uid)
        root = self.unpack()
        self.folder.chmod(0o755)
        (root / "proc").mkdir()
        daemon = self.start("daemon", *in_pod(root, state, configuration, "replmond-0", uid, ["/usr/bin/replmond", "--web.listen-address=127.0.0.1:0"]))
        self.known_url(daemon)
        self.wait_for_sample(daemon, 'starrocks_replication_status{project="demo",starrocks_instance="i",task="orders"}', "1")
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        for line in ("Uid:\t1001230000\t1001230000\t1001230000\t1001230000", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
            self.assertIn(line, status)
        self.assertEqual(http(daemon.url + "/-/ready")[0], 200)
        self.assertEqual(daemon.stop(), 0)
        self.assertGreater((state / "state.db").stat().st_size, 0)


if __name__ == "__main__":
    unittest.main()
