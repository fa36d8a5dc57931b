// config/replmond.schema.json, made from the tables of keys.
#include "tests/core/config/configuration_schema.hpp"

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/model/event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace json = boost::json;

namespace replmond::config {

namespace {

// Regular expressions that ECMAScript and Python read alike.

const std::string plain_text = "^[^\\u0000-\\u001f\\u007f]*$";
const std::string port_text =
    "(:0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";
const std::string host_text = "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?";
const std::string server_text = "(\\[[0-9A-Fa-f:.]+\\]|" + host_text + ")" + port_text + "/?";
const std::string user_info_text = "(([A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?";

std::string in_any_case(std::string_view word) {
    std::string text;
    for (const char c : word)
        text += fmt::format("[{}{}]", static_cast<char>(std::toupper(c)), c);
    return text;
}

std::string identifier(std::string_view excluded) {
    const std::string inside = fmt::format("[^{}\\u0000-\\u001f\\u007f]", excluded);
    const std::string end = fmt::format("[^ {}\\u0000-\\u001f\\u007f]", excluded);
    return fmt::format("{0}({1}{{0,{2}}}{0})?", end, inside, value_limits::identifier - 2);
}

// So many digits from 0 to `high`.
std::string digits(char high, std::size_t shortest = 1, std::size_t longest = 1) {
    const std::string range = high == '0' ? "0" : fmt::format("[0-{}]", high);
    if (longest == 1)
        return range;
    return range + (shortest == longest ? fmt::format("{{{}}}", longest) : fmt::format("{{1,{}}}", longest));
}

// A decimal number from 0 to `most`, zeros before it allowed.
std::string number_up_to(std::int64_t most) {
    const std::string wanted = std::to_string(most);
    if (most == 0)
        return "0+";
    std::string forms = wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == '0')
            continue;
        forms += '|' + wanted.substr(0, i) + digits(static_cast<char>(wanted[i] - 1));
        if (const std::size_t rest = wanted.size() - i - 1; rest > 0)
            forms += i == 0 ? '?' + digits('9', 1, rest) : digits('9', rest, rest);
    }
    return fmt::format("0*({})", forms);
}

// Each unit alone must be in the range: a pattern cannot add. Nothing at all is no duration.
std::string duration_text(const duration_range& range) {
    const auto high = parse_duration(range.high).value();
    std::string text = parse_duration(range.low).value() > milliseconds(0) ? "(?!(0+[dhms]+)*$)" : "(?!$)";
    for (const auto& [unit, length] : {std::pair<std::string_view, milliseconds>("d", std::chrono::days(1)),
                                       {"h", std::chrono::hours(1)},
                                       {"m", std::chrono::minutes(1)},
                                       {"s", std::chrono::seconds(1)},
                                       {"ms", milliseconds(1)}})
        text += fmt::format("({}{})?", number_up_to(high / length), unit);
    return text;
}

std::string rate_limit_pattern() {
    const std::string most = std::to_string(value_limits::requests); // a power of ten
    return fmt::format("^([1-9][0-9]{{0,{}}}|{})/{}$", most.size() - 2, most,
                       duration_text(value_limits::rate_window));
}

// replmond takes any scalar as a text, also one that YAML takes for a number or a boolean.
json::object scalar() {
    return {{"type", {"string", "number", "boolean"}}};
}

json::object scalar(std::string_view pattern) {
    json::object schema = scalar();
    schema["pattern"] = pattern;
    return schema;
}

// g++ and clang read `json::array{value}` differently: as a list of the value, and as its copy.
json::array list_of(json::value value) {
    json::array list;
    list.push_back(std::move(value));
    return list;
}

// For values that no number and no boolean looks like.
json::object only_text(std::string_view pattern) {
    return {{"type", "string"}, {"pattern", pattern}};
}

json::object text(std::size_t shortest, std::size_t longest) {
    json::object schema = scalar(plain_text);
    schema["minLength"] = shortest;
    if (longest != 0)
        schema["maxLength"] = longest; // characters, where replmond counts bytes
    return schema;
}

// Editors show the words instead of the pattern.
json::object duration(const duration_range& range) {
    json::object schema = only_text("^" + duration_text(range) + "$");
    schema["patternErrorMessage"] =
        fmt::format("expected a duration from {} to {} such as {}", range.low, range.high, range.sample);
    return schema;
}

json::object reference(const key_section& section);

json::object labels() {
    json::array taken;
    for (const std::string_view label : value_limits::taken_labels)
        taken.emplace_back(label);
    const json::object names{{"pattern", "^(?!__)[A-Za-z_][A-Za-z0-9_]*$"},
                             {"not", json::object{{"enum", taken}}}};
    return {{"type", "object"}, {"propertyNames", names}, {"additionalProperties", text(0, 0)}};
}

json::object table() {
    return scalar(fmt::format("^{0}(\\.{0})?$", identifier(".")));
}

json::object tables() {
    const json::object names{{"minLength", 1}, {"maxLength", longest_task_name}};
    return {{"type", "object"}, {"propertyNames", names}, {"additionalProperties", table()}};
}

json::object choice(const config_key& key) {
    json::array words;
    for (const std::string_view word : key.words)
        words.emplace_back(word);
    return {{"enum", words}};
}

json::object integer(const config_key& key) {
    const integer_range range = integers_of(key);
    return {{"type", "integer"}, {"minimum", range.low}, {"maximum", range.high}};
}

json::object value_schema(const config_key& key) {
    switch (key.type) {
    case value_type::duration:
        return duration(durations_of(key));
    case value_type::integer:
        return integer(key);
    case value_type::boolean:
        return {{"type", "boolean"}};
    case value_type::choice:
        return choice(key);
    case value_type::name:
        return text(1, value_limits::name);
    case value_type::word:
        return scalar(fmt::format("^[A-Za-z0-9_-]{{1,{}}}$", value_limits::word));
    case value_type::instance_id:
        return scalar("^[A-Za-z0-9]{36}$");
    case value_type::origin:
        return only_text("^" + in_any_case("http") + "[Ss]?://" + server_text + "$");
    case value_type::proxy_url:
        return only_text("^" + in_any_case("http") + "://" + user_info_text + server_text + "$");
    case value_type::rate_limit:
        return only_text(rate_limit_pattern());
    case value_type::pattern:
        return text(1, value_limits::pattern);
    case value_type::host:
        return scalar("^(" + host_text + "|(?=.*:.*:)[0-9A-Fa-f:.]+)$");
    case value_type::table:
        return table();
    case value_type::column:
        return scalar("^" + identifier("") + "$");
    case value_type::path:
        return text(1, 0);
    case value_type::labels:
        return labels();
    case value_type::tables:
        return tables();
    case value_type::secret:
        return scalar(key.goes_into_header ? "^[!-~]+$" : "^[^\\u0000\\r\\n]+$");
    case value_type::section:
        return reference(*key.section);
    case value_type::sections:
        return {{"type", "array"}, {"items", reference(*key.section)}};
    }
    return {};
}

// A value of YAML as JSON; nothing for lists and maps.
json::value as_json(const config_key& key, std::string_view text) {
    if (key.type == value_type::integer)
        return json::value(std::stoi(std::string(text)));
    if (key.type == value_type::boolean)
        return text == "true";
    if (text.starts_with('"'))
        text = text.substr(1, text.size() - 2);
    return json::value(text);
}

// The name of a section among the definitions.
std::string definition_of(const key_section& section) {
    std::string name;
    for (const char c : section.path())
        name += c == '.' ? '_' : c;
    std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
    return name;
}

json::object reference(const key_section& section) {
    return {{"$ref", "#/definitions/" + definition_of(section)}};
}

json::object property(const config_key& key) {
    json::object schema{{"description", key.meaning.english}};
    json::object value = value_schema(key);
    const bool is_reference = value.contains("$ref"); // beside which draft 07 ignores everything
    if (is_reference) {
        schema["allOf"] = list_of(std::move(value));
    } else {
        if (key.may_be_empty) {
            json::array types{value.at("type"), "null"}; // a copy: the assignment ends the value
            value["type"] = std::move(types);
        }
        schema.insert(value.begin(), value.end());
    }
    if (!key.default_value.empty())
        schema["default"] = as_json(key, key.default_value);
    // Others would be no completions of the value.
    const bool is_completion = key.words.empty() && key.type != value_type::boolean &&
                               key.type != value_type::labels && key.type != value_type::tables &&
                               key.type != value_type::secret;
    if (!key.example.empty() && is_completion)
        schema["examples"] = list_of(as_json(key, key.example));
    return schema;
}

void add_properties(const config_key& key, json::object& properties) {
    properties[key.name] = property(key);
    if (key.type != value_type::secret)
        return;
    json::object file = text(1, 0);
    file["description"] = fmt::format("{} Here: the file that holds it.", key.meaning.english);
    json::object variable = text(1, 0);
    variable["description"] =
        fmt::format("{} Here: the name of the environment variable that holds it.", key.meaning.english);
    properties[key.file_key] = std::move(file);
    properties[key.environment_key] = std::move(variable);
}

json::object requires_key(std::string_view name) {
    return {{"required", {name}}};
}

// Exactly one of the three forms, or none where the secret may be left out.
json::object one_form_of(const config_key& key) {
    const json::array forms{requires_key(key.name), requires_key(key.file_key),
                            requires_key(key.environment_key)};
    json::array allowed = forms;
    if (!key.is_required)
        allowed.push_back(json::object{{"not", json::object{{"anyOf", forms}}}});
    return {{"oneOf", allowed}};
}

json::object when(std::string_view key, json::value is, json::object then) {
    const json::object is_so{{"properties", json::object{{key, json::object{{"const", std::move(is)}}}}},
                             {"required", {key}}};
    return {{"if", is_so}, {"then", std::move(then)}};
}

// What depends on the type of credential: which keys there are.
json::array rules_of_auth() {
    json::array rules;
    for (const std::string_view type : auth_keys().at("type").words) {
        json::array names;
        for (const std::string_view name : auth_keys().names_with_type(type))
            names.emplace_back(name);
        json::object then{{"propertyNames", json::object{{"enum", names}}}};
        json::array secrets;
        for (const config_key& key : auth_keys().keys()) {
            if (key.auth_type == type)
                secrets.emplace_back(one_form_of(key));
        }
        if (!secrets.empty())
            then["allOf"] = std::move(secrets);
        rules.emplace_back(when("type", json::value(type), std::move(then)));
    }
    return rules;
}

// A token does not reveal its project; http:// is for loopback addresses only, unless the project says
// otherwise.
json::array rules_of_project() {
    const json::object has_token{
        {"properties",
         json::object{
             {"auth", json::object{{"type", "object"},
                                   {"properties", json::object{{"type", json::object{{"const", "token"}}}}},
                                   {"required", {"type"}}}}}},
        {"required", {"auth"}}};
    const std::string loopback =
        "(" + in_any_case("localhost") +
        "|127(\\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}|\\[[0:]*:0*1\\])(:[0-9]+)?/?$";
    const json::object safe{{"pattern", "^" + in_any_case("http") + "([Ss]://|://" + loopback + ")"}};
    json::object may_be_plain = when("insecure_http", true, {});
    may_be_plain["else"] =
        json::object{{"properties", json::object{{"endpoint", safe}, {"iam_endpoint", safe}}}};
    return {json::object{{"if", has_token}, {"then", requires_key("project_id")}}, std::move(may_be_plain)};
}

// An instance belongs to a project; it must say to which where there are several.
json::array rules_of_root() {
    const auto are_at_least = [](int items) { return json::object{{"minItems", items}}; };
    const json::object has_instances{{"properties", json::object{{"instances", are_at_least(1)}}},
                                     {"required", {"instances"}}};
    json::object has_project = requires_key("projects");
    has_project["properties"] = json::object{{"projects", are_at_least(1)}};
    const json::object has_projects{{"properties", json::object{{"projects", are_at_least(2)}}},
                                    {"required", {"projects"}}};
    const json::object names_project{
        {"properties", json::object{{"instances", json::object{{"items", requires_key("project")}}}}}};
    return {json::object{{"if", has_instances}, {"then", has_project}},
            json::object{{"if", has_projects}, {"then", names_project}}};
}

json::object section_schema(const key_section& section) {
    json::object properties;
    json::array required;
    json::array rules;
    for (const config_key& key : section.keys()) {
        add_properties(key, properties);
        if (key.type == value_type::secret && key.auth_type.empty())
            rules.emplace_back(one_form_of(key));
        if (key.is_required && key.type != value_type::secret)
            required.emplace_back(key.name);
    }
    if (&section == &auth_keys())
        rules = rules_of_auth();
    if (&section == &project_keys())
        rules = rules_of_project();
    if (&section == &root_keys())
        rules = rules_of_root();
    json::object schema{{"type", "object"}, {"additionalProperties", false}};
    if (!required.empty())
        schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    if (!rules.empty())
        schema["allOf"] = std::move(rules);
    return schema;
}

void append_sections(const key_section& section, json::object& definitions) {
    for (const config_key& key : section.keys()) {
        if (key.section == nullptr || definitions.contains(definition_of(*key.section)))
            continue;
        json::object section_of_key = section_schema(*key.section);
        if (key.may_be_empty && key.type == value_type::section)
            section_of_key["type"] = {"object", "null"};
        definitions[definition_of(*key.section)] = std::move(section_of_key);
        append_sections(*key.section, definitions);
    }
}

// Objects and lists of more than one line are indented; short ones stay on theirs.
void write(const json::value& value, std::size_t indent, std::string& out) {
    constexpr std::size_t width = 110;
    const std::string line = json::serialize(value);
    const bool is_short = line.size() + indent <= width && line.find("\"type\":\"object\"") == line.npos;
    if (is_short || !(value.is_object() || value.is_array())) {
        out += line;
        return;
    }
    const std::string margin(indent + 2, ' ');
    std::string_view comma;
    out += value.is_object() ? '{' : '[';
    if (const json::object* object = value.if_object()) {
        for (const auto& [name, member] : *object) {
            out += fmt::format("{}\n{}{}: ", comma, margin, json::serialize(json::value(name)));
            write(member, indent + 2, out);
            comma = ",";
        }
    } else {
        for (const json::value& item : value.get_array()) {
            out += fmt::format("{}\n{}", comma, margin);
            write(item, indent + 2, out);
            comma = ",";
        }
    }
    out += '\n' + std::string(indent, ' ') + (value.is_object() ? '}' : ']');
}

} // namespace

std::string configuration_schema() {
    json::object schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                        {"title", "replmond.yaml"},
                        {"description", "The configuration of replmond. Generated from its tables of keys."}};
    json::object root = section_schema(root_keys());
    root["type"] = {"object", "null"}; // an empty file is valid
    schema.insert(root.begin(), root.end());
    json::object definitions;
    append_sections(root_keys(), definitions);
    schema["definitions"] = std::move(definitions);
    std::string text;
    write(schema, 0, text);
    return text + '\n';
}

} // namespace replmond::config
