"""What `replmond check-config` says of a configuration without asking anybody."""

import subprocess
import unittest

from support import DAEMON, PROJECT_ID, ROOT, EndToEnd, many

PROD = f"""
projects:
  - name: prod
    region: ap-southeast-1
    project_id: {PROJECT_ID}
    auth: {{type: aksk, access_key_file: ak, secret_key_env: E2E_SECRET}}
    discover: {{}}
  - name: trial
    region: ap-southest-3
    project_id: {PROJECT_ID[::-1]}
    rate_limit: 10/1m
    language: zh-cn
    auth: {{type: token, token: e2e-secret-token}}
instances:
"""


class CheckConfig(EndToEnd):
    def check(self, text, *flags):
        path = self.write("replmond.yaml", text)
        path.chmod(0o600)
        self.write("ak", "e2e-secret-access\n").chmod(0o600)
        done = subprocess.run([str(DAEMON), "check-config", *flags, str(path)], capture_output=True, text=True,
                              env={"E2E_SECRET": "e2e-secret-key"})
        self.assertNotIn("e2e-secret", done.stdout + done.stderr)
        return done.returncode, done.stdout.replace(str(path), "FILE"), done.stderr

    def test_what_it_resolved_and_what_is_surely_wrong(self):
        first, second, third = many(3)
        text = PROD + f"""\
  - {{name: orders, id: {first}, project: prod, interval: 5s, timeout: 10s}}
  - name: billing
    id: {second}
    project: prod
    lag: {{host: sr.example, user: u, password_file: ak}}
  - {{id: {third}, project: trial, interval: 6s, timeout: 3s}}
"""
        expected = f"""\
FILE: OK
  2 projects, 3 instances
  project prod: region ap-southeast-1, 2 instances, and those that it discovers
    endpoint https://gaussdbformysql.ap-southeast-1.myhuaweicloud.com
    iam_endpoint https://iam.ap-southeast-1.myhuaweicloud.com
    credential: access_key from file ak, secret_key from variable E2E_SECRET
    polls need at least 65 of 200 requests in 5m
    instance orders: id {first}, polled every 5s
    instance billing: id {second}, polled every 1m, lag from sr.example:3306
  project trial: region ap-southest-3, 1 instance
    endpoint https://gaussdb.ap-southest-3.myhuaweicloud.com
    credential: token in the configuration
    polls need 10 of 10 requests in 1m
    error texts of the cloud in zh-cn
    instance {third}: id {third}, polled every 6s
  polls every 1m by default, state in memory
  warning: project trial: replmond knows no region ap-southest-3 (did you mean ap-southeast-3?); it sends requests to https://gaussdb.ap-southest-3.myhuaweicloud.com
  warning: project trial: replmond cannot renew a token; polls fail once it has expired, after 24 hours at most; only a token_file can be replaced before that
  warning: project trial: polls need at least 10 requests in 1m, but rate_limit leaves them 8 (80 % of 10); replmond will lengthen their intervals
  warning: instance orders: interval 5s is below timeout 10s; a slow answer makes replmond skip polls
"""
        self.assertEqual(self.check(text), (0, expected, ""))
        self.assertEqual(self.check(text, "--strict"), (1, expected, ""))

    def test_without_a_doubt_strict_is_0(self):
        text = PROD.split("  - name: trial")[0] + f"instances:\n  - {{id: {many(1)[0]}}}\n"
        code, out, err = self.check(text, "--strict")
        self.assertEqual((code, err), (0, ""))
        self.assertNotIn("warning", out)

    def test_the_demo_draws_no_warning(self):
        code, out, err = self.check((ROOT / "config/demo.yaml").read_text(), "--strict")
        self.assertEqual((code, err), (0, ""), out)

    def test_what_instances_cost_that_are_not_known_yet(self):
        text = "poll: {interval: 15s}\n" + PROD.split("  - name: trial")[0]
        self.assertIn("\n    polls of each instance that it discovers need 20 of 200 requests in 5m\n", self.check(text)[1])
        without = text.replace("    discover: {}\n", "")
        self.assertIn("\n    no instances: 0 of 200 requests in 5m\n", self.check(without)[1])

    def test_strict_and_online_together_ask_the_cloud_too(self):
        simulator = self.start_simulator(f"tokens: [e2e-secret-token]\nprojects: [{PROJECT_ID}]\ninstances: []\n")
        text = (f"projects:\n  - {{name: demo, region: r, endpoint: {simulator.url}, project_id: {PROJECT_ID}, "
                "auth: {type: token, token: e2e-secret-token}}\n")
        for flags, code in (([], 0), (["--strict"], 1)):
            done = self.check(text, "--online", *flags)
            self.assertEqual(done[0], code, done)
            self.assertRegex(done[1], r"\n  warning: project demo: replmond cannot renew a token.*\n(.*\n)*  project demo: token .* is accepted; project id ")

    def test_many_instances_are_not_all_listed(self):
        listed = "".join(f"  - {{id: {each}, name: i{n}}}\n" for n, each in enumerate(many(25)))
        out = self.check(PROD.split("  - name: trial")[0] + "instances:\n" + listed)[1]
        self.assertEqual(out.count("    instance i"), 20)
        self.assertIn("    instance i19: ", out)
        self.assertIn("\n    and 5 more\n", out)


if __name__ == "__main__":
    unittest.main()
