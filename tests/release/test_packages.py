"""What script/release makes, installed, upgraded and removed in clean roots.

REPLMOND_RELEASE names the folder of the files; REPLMOND_DEBIAN a root of Debian without replmond (minbase), for the RPM and the .deb."""

import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import unittest

from roots import InRoot, why_not

RELEASE = pathlib.Path(os.environ.get("REPLMOND_RELEASE", "build/release-files")).resolve()
DEBIAN = os.environ.get("REPLMOND_DEBIAN")

# A package manager in an overlay of a Debian, that several commands share: `steps` are lines of a shell.
IN_DEBIAN = r"""
set -eu
work=$1 lower=$2 files=$3
mount -t tmpfs -o mode=755 none "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" none "$work/root"
mount -t proc proc "$work/root/proc"
mkdir -p "$work/root/files"
mount --bind "$files" "$work/root/files"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$work/root" sh -euc "$4"
"""


def find(pattern):
    found = sorted(RELEASE.glob(pattern))
    if not found:
        raise unittest.SkipTest(f"no {pattern} in {RELEASE}")
    return found[0]


class InDebian(InRoot):
    def in_debian(self, steps):
        if not DEBIAN:
            self.skipTest("REPLMOND_DEBIAN is not set")
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", IN_DEBIAN, "sh", self.folder / "work", DEBIAN,
                               self.folder / "files", steps], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


@unittest.skipIf(why_not(), why_not())
class Rpm(InDebian):
    def setUp(self):
        super().setUp()
        self.rpm = find("replmond-*.x86_64.rpm")
        shutil.copy(self.rpm, self.folder / "files/new.rpm")

    def query(self, *what):
        return subprocess.run(["rpm", "-qp", *what, self.rpm], check=True, capture_output=True, text=True).stdout

    def test_needs_nothing_and_says_what_it_is(self):
        self.assertEqual(re.sub(r"(?m)^(rpmlib\(|/bin/sh).*\n", "", self.query("--requires")), "")
        self.assertRegex(self.query("--info"), r"(?s)Name +: replmond\n.*License +: Apache-2\.0\n.*Build Host *: replmond\n")
        self.assertEqual(self.query("--configfiles").split(), ["/etc/default/replmond", "/etc/replmond/replmond.yaml"])
        self.assertRegex(self.query("--filesbypkg"), r"/usr/lib/systemd/system/replmond@\.service")

    def test_both_architectures_have_the_same_files(self):
        other = find("replmond-*.aarch64.rpm")
        listed = subprocess.run(["rpm", "-qpl", other], check=True, capture_output=True, text=True).stdout
        self.assertEqual(listed, self.query("--list"))

    # `systemctl` of the version that is given, in place of a real one: what the scriptlets make of it.
    def installed_with(self, version, more=""):
        return self.in_debian(f"""
            printf '#!/bin/sh\\n[ "$1" = --version ] && echo "systemd {version} (x)"\\n' >/usr/bin/systemctl; chmod 755 /usr/bin/systemctl
            rpm --install --nodeps --noscripts --justdb /files/new.rpm >/dev/null 2>&1 || true
            rpm --erase --nodeps --noscripts --justdb replmond >/dev/null 2>&1 || true
            rpm --install --nodeps /files/new.rpm
            echo "user: $(getent passwd replmond | cut -d: -f1,6,7)"
            echo "state: $(stat -c '%U %a' /var/lib/replmond 2>/dev/null)"
            echo "drop-in: $(cat /usr/lib/systemd/system/replmond.service.d/old-systemd.conf 2>/dev/null | tail -1)"
            replmond --version >/dev/null
            {more}""")

    def test_installs_upgrades_and_goes(self):
        said = self.installed_with(252, """
            echo 'poll: {interval: 17s}' >>/etc/replmond/replmond.yaml
            rpm --upgrade --nodeps --replacepkgs --replacefiles /files/new.rpm
            tail -1 /etc/replmond/replmond.yaml
            rpm --erase replmond
            ls /usr/bin/replmond /usr/lib/systemd/system/replmond.service /usr/lib/replmond 2>/dev/null || true
            echo "kept: $(ls /etc/replmond)"
        """)
        self.assertEqual(said.split("\n", 3)[:3], ["user: ", "state: ", "drop-in: "])  # systemd does all of that
        self.assertIn("poll: {interval: 17s}", said)
        self.assertNotIn("/usr/bin/replmond", said)
        self.assertIn("kept: replmond.yaml.rpmsave", said)

    def test_makes_a_user_where_systemd_cannot(self):
        said = self.installed_with(219)
        self.assertIn("user: replmond:/var/lib/replmond:/sbin/nologin\nstate: replmond 700\ndrop-in: SystemCallFilter=\n", said)

    def test_drops_a_filter_that_systemd_does_not_know(self):
        said = self.installed_with(237)
        self.assertIn("user: \nstate: \ndrop-in: SystemCallFilter=\n", said)
        self.assertIn("drop-in: \n", self.installed_with(239))


@unittest.skipIf(why_not(), why_not())
class StaticDeb(InDebian):
    def test_installs_upgrades_and_goes(self):
        shutil.copy(find("replmond_*-1_amd64.deb"), self.folder / "files/new.deb")
        said = self.in_debian("""
            dpkg --install /files/new.deb >/dev/null
            replmond --version
            echo 'poll: {interval: 17s}' >>/etc/replmond/replmond.yaml
            dpkg --install --force-confold /files/new.deb >/dev/null
            tail -1 /etc/replmond/replmond.yaml
            dpkg --remove replmond >/dev/null
            ls /usr/bin/replmond 2>/dev/null || echo gone
            ls /etc/replmond
            dpkg --purge replmond >/dev/null
            ls /etc/replmond 2>/dev/null || echo purged""")
        self.assertRegex(said, r"\Areplmond .*, static\)\npoll: \{interval: 17s\}\ngone\nreplmond\.yaml\npurged\n\Z")

    def test_depends_on_no_library(self):
        for package in (find("replmond_*-1_amd64.deb"), find("replmond_*-1_arm64.deb")):
            depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True).stdout
            self.assertEqual(depends, "ca-certificates\n")


@unittest.skipIf(why_not(), why_not())
class Tarball(InRoot):
    def unpack(self):
        archive = find("replmond-*-linux-amd64.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(self.folder)
        return self.folder / archive.name.removesuffix(".tar.gz")

    def test_installs_below_a_folder_and_keeps_the_configuration(self):
        source, target = self.unpack(), self.folder / "there"
        for _ in range(2):
            said = subprocess.run([source / "install.sh", target], check=True, capture_output=True, text=True).stdout
            self.assertRegex(said, r"\Ainstalled: replmond .*, static\)\n\Z")
            (target / "etc/replmond/replmond.yaml").write_text("mine")
        self.assertEqual((target / "etc/replmond/replmond.yaml").read_text(), "mine")
        for name in ("usr/lib/systemd/system/replmond.service", "usr/share/man/man1/replmond.1.gz", "usr/share/bash-completion/completions/replmond",
                     "usr/share/zsh/site-functions/_replmond", "usr/share/zsh/vendor-completions/_replmond", "usr/share/fish/vendor_completions.d/replmond.fish",
                     "usr/share/doc/replmond/LICENSE", "usr/share/doc/replmond/third-party/openssl.txt", "usr/share/replmond/dashboards",
                     "usr/share/replmond/replmond.schema.json"):
            self.assertTrue((target / name).exists(), name)

    def test_files_are_roots_and_have_the_time_of_the_commit(self):
        with tarfile.open(find("replmond-*-linux-arm64.tar.gz")) as tar:
            members = tar.getmembers()
        self.assertEqual({(each.uid, each.gid) for each in members}, {(0, 0)})
        self.assertEqual(len({each.mtime for each in members}), 1)


if __name__ == "__main__":
    unittest.main()
