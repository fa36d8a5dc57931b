"""config/replmond.schema.json as an editor uses it: it takes every configuration of the repository, and refuses every bad one of tests/data
that a schema can know to be bad."""

import json
import re
import unittest

import jsonschema
import yaml

from support import ROOT

BAD = ROOT / "tests/data/config/bad"


class Yaml12(yaml.SafeLoader):
    """Reads scalars as YAML 1.2 does, and with it yaml-language-server: `off` is a text, `<<` a key like any other. A tag, or a key that comes
    twice, is a mistake of its own there."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        keys = [repr(self.construct_object(key, deep=True)) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key comes twice", node.start_mark)
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node):
        pass


def resolve(tag, pattern, first):
    Yaml12.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(f"^(?:{pattern})$"), first)


resolve("bool", "true|True|TRUE|false|False|FALSE", list("tTfF"))
resolve("null", "~|null|Null|NULL|", ["~", "n", "N", ""])
resolve("int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789"))
resolve("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789"))
Yaml12.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 0 if node.value[:2] in ("0o", "0x") else 10))

# Why a schema cannot know a mistake.
FILES = "it reads no files and no environment variables"
OTHERS = "it cannot compare one entry with another"
BOUNDS = "a duration is a sum of units, and a pattern cannot add"
NUMBERS = "it sees the number, not how it was written"
RE2 = "it knows no regular expressions of RE2, and those of JavaScript differ"

UNKNOWABLE = {
    FILES: """auth_env_empty auth_env_hides_value auth_env_line_break auth_env_missing auth_file_absolute auth_file_binary auth_file_denied
        auth_file_empty auth_file_missing auth_file_two_lines project_ca_file_denied project_ca_file_missing project_ca_file_no_certificate""",
    OTHERS: """instance_id_duplicate instance_id_duplicate_by_project_id instance_name_duplicate instance_name_is_another_id
        instance_project_similar instance_project_unknown project_name_duplicate""",
    BOUNDS: "instance_interval poll_interval_high poll_interval_low poll_timeout_low project_rate_limit_window_low state_retention",
    NUMBERS: "poll_page_size_hex poll_page_size_octal",
    RE2: "project_discover_exclude project_discover_include project_discover_include_lookahead",
}


def pattern(_, wanted, instance, __):
    # JavaScript's $ is the end of the text, Python's may be before a last line break.
    if isinstance(instance, str) and not re.search(re.sub(r"\$(?=\)|$)", r"\\Z", wanted), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {wanted!r}")


VALIDATOR = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": pattern})


def without_marks(text):
    """config/replmond.yaml with all its examples in force."""
    return re.sub(r"(?m)^# (?!yaml-language-server)", "", text)


def configurations():
    """Every whole configuration that the repository shows, with where it is."""
    for name in ("replmond.yaml", "demo.yaml"):
        text = (ROOT / "config" / name).read_text()
        yield f"config/{name}", text
    yield "config/replmond.yaml with its examples", without_marks((ROOT / "config/replmond.yaml").read_text())
    for path in sorted((ROOT / "packaging/kubernetes").glob("*.yaml")):
        for document in yaml.load_all(path.read_text(), Yaml12):
            if document and document.get("kind") == "ConfigMap":
                yield str(path.relative_to(ROOT)), document["data"]["replmond.yaml"]
    values = [ROOT / "packaging/helm/replmond/values.yaml", *(ROOT / "packaging/kubernetes/values").glob("*.yaml"), *(ROOT / "tests/chart/values").glob("*.yaml")]
    for path in sorted(values):
        config = yaml.load(path.read_text(), Yaml12).get("config", "")
        yield str(path.relative_to(ROOT)), config if isinstance(config, str) else json.dumps(config)


def fragments():
    """The parts of configurations in the documentation. They leave out what they are not about."""
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]):
        for number, block in enumerate(re.findall(r"(?ms)^```yaml\n(.*?)^```", path.read_text())):
            if re.search(r"(?m)^(projects|instances|poll|alerts|state):", block):
                yield f"{path.relative_to(ROOT)}, block {number}", block


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads((ROOT / "config/replmond.schema.json").read_text())

    def mistakes(self, text, but=()):
        found = VALIDATOR(self.schema).iter_errors(yaml.load(text, Yaml12))
        return sorted(f"{'/'.join(map(str, each.absolute_path))}: {each.message}" for each in found if each.validator not in but)

    def test_is_a_schema(self):
        VALIDATOR.check_schema(self.schema)

    def test_takes_every_configuration_of_the_repository(self):
        seen = list(configurations())
        self.assertGreater(len(seen), 15)
        self.assertEqual({where: self.mistakes(text) for where, text in seen}, {where: [] for where, _ in seen})

    def test_takes_what_the_documentation_shows(self):
        seen = list(fragments())
        self.assertGreaterEqual(len(seen), 5)
        self.assertEqual({where: self.mistakes(text, but=("required",)) for where, text in seen}, {where: [] for where, _ in seen})

    def test_refuses_every_bad_one_that_it_can_know(self):
        taken = set()
        for path in BAD.glob("*.yaml"):
            try:
                if not self.mistakes(path.read_bytes()):
                    taken.add(path.stem)
            except yaml.YAMLError:
                pass # the language server's parser says it
        expected = [name for names in UNKNOWABLE.values() for name in names.split()]
        self.assertEqual(sorted(taken), sorted(expected))

    def test_says_where_the_mistake_is(self):
        self.assertEqual(self.mistakes("poll: {interval: 5}\nstate: {pat: x}\nprojects: [{name: p, region: r, auth: {type: token, token: t, token_env: T}}]\n"), [
            "poll/interval: 5 is not of type 'string'",
            "projects/0/auth: {'type': 'token', 'token': 't', 'token_env': 'T'} is valid under each of {'required': ['token_env']}, {'required': ['token']}",
            "projects/0: 'project_id' is a required property",
            "state: Additional properties are not allowed ('pat' was unexpected)"])

    def test_every_property_is_described_and_its_default_is_valid(self):
        for name, section in [("", self.schema), *self.schema["definitions"].items()]:
            for key, schema in section["properties"].items():
                with self.subTest(section=name, key=key):
                    self.assertTrue(schema["description"].endswith("."))
                    whole = {**schema, "definitions": self.schema["definitions"]}
                    for value in [schema[word] for word in ("default",) if word in schema] + schema.get("examples", []):
                        self.assertEqual(list(VALIDATOR(whole).iter_errors(value)), [])


if __name__ == "__main__":
    unittest.main()
