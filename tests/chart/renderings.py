"""Every set of values, rendered by both Helms for both Kubernetes; and what the tests ask of objects."""
import base64
import functools
import json

import yaml

import tools

VALUES = sorted((tools.ROOT / "tests/chart/values").glob("*.yaml"))
NAMES = [path.stem for path in VALUES]
KUBERNETES = {"oldest": tools.OLDEST, "newest": tools.NEWEST}


@functools.cache
def text(name, kubernetes="newest", helm="newest"):
    return tools.template(f"--values={tools.ROOT / 'tests/chart/values' / name}.yaml", kubernetes=KUBERNETES[kubernetes], age=helm)


@functools.cache
def objects(name, kubernetes="newest"):
    """Never changed by who asks."""
    return [found for found in yaml.load_all(text(name, kubernetes), yaml.CSafeLoader) if found]


def of(name, kind, kubernetes="newest"):
    return [found for found in objects(name, kubernetes) if found["kind"] == kind]


def one(name, kind):
    [found] = of(name, kind)
    return found


def pod(name):
    """The template of the pods."""
    return one(name, "StatefulSet")["spec"]["template"]


def containers(name):
    return pod(name)["spec"].get("initContainers", []) + pod(name)["spec"]["containers"]


def arguments(name):
    [daemon] = pod(name)["spec"]["containers"]
    return daemon["args"]


def config(name):
    """The text of replmond.yaml; nothing where the ConfigMap is somebody else's."""
    for found in of(name, "ConfigMap"):
        if "replmond.yaml" in found["data"]:
            return found["data"]["replmond.yaml"]
    return None


def secret_files(name):
    """{path below /etc/replmond: text} of the Secrets that are made."""
    data = {found["metadata"]["name"]: found["data"] for found in of(name, "Secret")}
    files = {}
    for volume in pod(name)["spec"]["volumes"]:
        if volume["name"] == "config":
            for source in volume["projected"]["sources"]:
                for item in source.get("secret", {}).get("items", []):
                    if source["secret"]["name"] in data:
                        files[item["path"]] = base64.b64decode(data[source["secret"]["name"]][item["key"]]).decode()
    return files


def write(folder):
    """What tests/chart/pinned/check.mjs reads: a file for the objects of each Kubernetes."""
    paths = []
    for kubernetes in KUBERNETES:
        found = {f"{name}: {one['kind']} {one['metadata']['name']}": one for name in NAMES for one in objects(name, kubernetes)}
        path = folder / f"objects-{kubernetes}.json"
        path.write_text(json.dumps({"kubernetes": kubernetes, "objects": found}))
        paths.append(path)
    return paths
