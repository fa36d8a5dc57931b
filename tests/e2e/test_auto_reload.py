"""--config.enable-auto-reload, with files as the kubelet of Kubernetes mounts them. Each look is 30 s after the one before."""

from projected_volume import ProjectedVolume
from support import DAEMON, EndToEnd, PROJECT_ID, ROOMY, many, wait_for

SCENARIO = f"""
keys: [{{access: E2EACCESS, secret: e2e-secret-first}}]
projects: [{PROJECT_ID}]
generate: {{instances: 3, tasks: 1, repeat: false, timeline: [{{stage: full, percentage: 50}}]}}
"""
LOOKS = 100  # seconds in which a look must have come


class MountedConfiguration(EndToEnd):
    def config(self, *names):
        listed = "\n".join(f"  - {{name: {name}, id: {identifier}}}" for name, identifier in zip(names, many(3)))
        return f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: demo
    region: r
    endpoint: {self.simulator.url}
    project_id: {PROJECT_ID}
    {ROOMY}
    auth: {{type: aksk, access_key: E2EACCESS, secret_key_file: secrets/sk}}
instances:
{listed}
"""

    def swap(self, config, secret="e2e-secret-first\n"):
        self.volume.write(replmond_yaml=config, secrets__sk=secret)

    def start_mounted(self, *flags):
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.volume = ProjectedVolume(self.folder / "volume")
        self.swap(self.config("one"))
        self.daemon = self.start("daemon", DAEMON, f"--config.file={self.volume.folder}/replmond.yaml", "--web.listen-address=127.0.0.1:0", *flags)
        self.known_url(self.daemon)
        self.wait_for_polls(self.daemon, "one", 1)

    def loaded(self):
        return self.daemon.lines("event=config_loaded ")

    def refused(self):
        return self.daemon.lines("event=config_reload_failed ")

    def wait_for_another(self, lines, what):
        before = len(lines())
        return lambda: wait_for(lambda: lines()[before:], what, patience=LOOKS)[0]

    def poll_for_more_than_a_look(self):
        self.wait_for_polls(self.daemon, "one", self.polls(self.daemon, "one") + 20)
        self.wait_for_polls(self.daemon, "one", self.polls(self.daemon, "one") + 20)


class AutoReload(MountedConfiguration):
    def test_a_swapped_volume_is_loaded(self):
        self.start_mounted("--config.enable-auto-reload")
        another = self.wait_for_another(self.loaded, "the second instance")
        self.swap(self.config("one", "two"))
        self.assertRegex(another(), r"level=INFO .* instances=2 added=1 changed=0 removed=0 reconnected=0$")
        self.wait_for_polls(self.daemon, "two", 1)

        # The same content in another folder is no change; a mistake is said once.
        self.swap(self.config("one", "two"))
        failed = self.wait_for_another(self.refused, "a refusal")
        self.poll_for_more_than_a_look()
        self.assertEqual(len(self.loaded()), 2)
        self.swap(self.config("one", "two").replace("1s", "1 second"))
        self.assertRegex(failed(), r"level=ERROR .*replmond\.yaml:2:18: poll\.interval: expected a duration")
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_successful"), "0")
        self.poll_for_more_than_a_look()
        self.assertEqual(len(self.refused()), 1)

        another = self.wait_for_another(self.loaded, "the mended one")
        self.swap(self.config("one", "two", "three"))
        self.assertRegex(another(), r" instances=3 added=1 ")
        self.assertEqual(self.sample(self.daemon, "replmond_config_last_reload_successful"), "1")


class AutoReloadOfSecrets(MountedConfiguration):
    def test_a_secret_alone(self):
        self.start_mounted("--config.enable-auto-reload")
        another = self.wait_for_another(self.loaded, "the new secret")
        self.control(self.simulator, "keys", {"access": "E2EACCESS", "secret": "e2e-secret-second"})
        self.swap(self.config("one"), secret="e2e-secret-second\n")
        self.assertRegex(another(), r" instances=1 added=0 changed=0 removed=0 reconnected=0$")
        self.wait_for_polls(self.daemon, "one", self.polls(self.daemon, "one") + 2)
        self.assertEqual(self.sample(self.daemon, 'replmond_credential_usable{project="demo"}'), "1")
        self.assertNotIn("e2e-secret", self.daemon.output() + self.daemon.errors())

    def test_without_the_flag_nothing_is_looked_at(self):
        self.start_mounted()
        self.swap(self.config("one", "two"))
        self.poll_for_more_than_a_look()
        self.assertEqual(len(self.loaded()), 1)
