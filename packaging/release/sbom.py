#!/usr/bin/env python3
"""What is in a static binary, as CycloneDX: the packages of every header that was compiled and every archive that was linked.

    sbom.py BUILD_DIRECTORY PROGRAM BINARY VERSION ARCHITECTURE COPYRIGHTS

Runs where the binary was built. Asks the compiler's dependency files for headers and the linker, once more, for what it takes;
dpkg says whose each file is. Copies the copyright file of each package into the directory COPYRIGHTS. Prints the document."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

# Of Debian's source package, unpacked: dpkg does not know its files.
FROM_SOURCE = {"prometheus-cpp": "/prometheus-cpp"}


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def headers(build, program):
    """Headers that objects of the program were compiled with, as ninja knows them."""
    wanted = set(run("ninja", "-t", "inputs", program, cwd=build).split())
    found, keep = set(), False
    for line in run("ninja", "-t", "deps", cwd=build).splitlines():
        if line.startswith("    "):
            if keep:
                found.add(os.path.normpath(os.path.join(build, line.strip())))
        else:
            keep = line.split(":")[0] in wanted
    return found


def archives(build, program):
    """Archives and objects that the linker loaded something of."""
    command = run("ninja", "-t", "commands", program, cwd=build).splitlines()[-1]
    command = re.sub(r"-o \S+", "-o /tmp/traced", command.replace("-fuse-ld=mold", "")) + " -Wl,--trace"
    trace = subprocess.run(command, cwd=build, shell=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    found = set()
    for line in trace.splitlines():
        name = re.match(r"\(?(/[^)\s]+\.[ao])\)?", line.strip())
        if name:
            found.add(os.path.normpath(name[1]))
    return found


def packages(files):
    """The Debian packages that files are of."""
    found = set()
    todo = sorted(file for file in files if file.startswith("/usr/") or file.startswith("/lib"))
    for start in range(0, len(todo), 200):
        done = subprocess.run(["dpkg", "-S", *todo[start:start + 200]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in done.stdout.splitlines():
            if ": " in line and not line.startswith("diversion"):
                found |= {name.strip() for name in line.split(": ")[0].split(",")}
    return found


def original(package, source, version):
    """What a package for cross-compilation was made of: its files are those of the library itself."""
    if not package.split(":")[0].endswith("-cross"):
        return source, version
    if source == "cross-toolchain-base":
        source = "linux" if package.startswith("linux-") else "glibc"
    return source.removesuffix("-cross"), re.sub(r"cross\d*$", "", version)


def component(source, version, distribution):
    return {"type": "library", "bom-ref": source, "name": source, "version": version,
            "purl": f"pkg:deb/debian/{source}@{version.replace('+', '%2B').replace('~', '~')}?arch=source&distro={distribution}"}


def main():
    build, program, binary, version, architecture, copyrights = sys.argv[1:]
    build = os.path.realpath(build)
    distribution = "debian-" + re.search(r'VERSION_ID="(\d+)"', pathlib.Path("/etc/os-release").read_text())[1]
    files = headers(build, program) | archives(build, program)

    sources, papers = {}, {}
    for package in packages(files):
        source, debian_version = run("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}\n", package).split()
        source, debian_version = original(package, source, debian_version)
        sources[source] = debian_version
        papers.setdefault(source, f"/usr/share/doc/{package.split(':')[0]}/copyright")
    for source, folder in FROM_SOURCE.items():
        if any(folder in file for file in files):
            root = next(pathlib.Path(file[:file.index(folder)]) for file in files if folder in file)
            unpacked = sorted(root.glob(folder[1:] + "-*"))[0]
            sources[source] = run("dpkg-parsechangelog", "-SVersion", "-l", str(unpacked / "debian/changelog")).strip()
            papers[source] = str(unpacked / "debian/copyright")

    pathlib.Path(copyrights).mkdir(parents=True, exist_ok=True)
    for source, paper in papers.items():
        (pathlib.Path(copyrights) / f"{source}.txt").write_bytes(pathlib.Path(paper).read_bytes())

    digest = hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest()
    name = pathlib.Path(program).name
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "metadata": {
            "component": {"type": "application", "bom-ref": name, "name": name, "version": version,
                          "hashes": [{"alg": "SHA-256", "content": digest}], "licenses": [{"license": {"id": "Apache-2.0"}}],
                          "properties": [{"name": "architecture", "value": architecture}]},
        },
        "components": [component(source, sources[source], distribution) for source in sorted(sources)],
        "dependencies": [{"ref": name, "dependsOn": sorted(sources)}],
    }, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
