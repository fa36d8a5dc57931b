"""What is written from the chart: packaging/kubernetes/*.yaml, and the table of values in the chart's README."""
import json
import re

import yaml

import tools

MANIFESTS = tools.ROOT / "packaging/kubernetes"
README = tools.CHART / "README.md"
BEGIN, END = "<!-- values: begin; script/chart writes this -->", "<!-- values: end -->"

HEADERS = {
    "replmond.yaml": """\
# replmond in Kubernetes, without Helm. script/chart writes this file from packaging/helm/replmond: change it there, or in a
# copy. Before: fill in secret.yaml, put your registry in place of registry.example.com, and your region into the ConfigMap.
#   kubectl apply -n monitoring -f secret.yaml -f replmond.yaml
# The state is lost when the pod is replaced: the chart's persistence.enabled gives it a volume. docs/kubernetes.md has the rest.
""",
    "with-prometheus-operator.yaml": """\
# Scraping, alerts and recording rules for the Prometheus Operator, beside replmond.yaml. script/chart writes this file.
# Add the labels by which your Prometheus selects ServiceMonitors and rules, if it does.
#   kubectl apply -n monitoring -f with-prometheus-operator.yaml
""",
}
TEMPLATES = {"with-prometheus-operator.yaml": ["templates/servicemonitor.yaml", "templates/prometheusrule.yaml"]}
# Labels that say something of Helm only.
HELMS = re.compile(r"^ *(helm\.sh/chart|app\.kubernetes\.io/managed-by): .*\n", re.MULTILINE)


def manifest(name):
    shown = [f"--show-only={template}" for template in TEMPLATES.get(name, [])]
    text = tools.template(f"--values={MANIFESTS / 'values' / name}", *shown)
    text = re.sub(r"^# Source: .*\n", "", HELMS.sub("", text), flags=re.MULTILINE)
    documents = [document.strip("\n") for document in re.split(r"^---\n", text, flags=re.MULTILINE)]
    return HEADERS[name] + "".join(f"---\n{document}\n" for document in documents if document)


def described(node, lines, path=()):
    """(path, what is written above it, default) of every value that has a comment above it."""
    for key, value in node.value:
        place = (*path, key.value)
        above, line = [], key.start_mark.line - 1
        while line >= 0 and lines[line].strip().startswith("## "):
            above.insert(0, lines[line].strip()[3:])
            line -= 1
        inner = list(described(value, lines, place)) if isinstance(value, yaml.MappingNode) and not value.flow_style else []
        if inner:
            yield from inner
        elif above:
            yield ".".join(place), above, value


def descriptions():
    text = (tools.CHART / "values.yaml").read_text()
    return list(described(yaml.compose(text), text.split("\n")))


def value_table():
    rows = []
    for path, above, node in descriptions():
        default = json.dumps(yaml.safe_load(yaml.serialize(node)), ensure_ascii=False)
        # A table of figures is for values.yaml only.
        said = " ".join(line for line in above if not line.startswith("  ")).replace("|", "\\|")
        rows.append(f"| `{path}` | `{default}` | {said} |")
    return "\n".join([BEGIN, "| value | default | |", "| --- | --- | --- |", *rows, END])


def readme():
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    return before + value_table() + rest.partition(END)[2]


def files():
    """(file, what is to be in it) of each."""
    yield README, readme()
    for name in HEADERS:
        yield MANIFESTS / name, manifest(name)
