// Reads the descriptions of fields in a report.
#include "tests/simulator/described_field.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using counts_by_name = std::map<std::string, std::size_t, std::less<>>;

counts_by_name read_counts(const report_node& node) {
    counts_by_name counts;
    for (const auto& [name, count] : node.members()) {
        if (count.count() > 0)
            counts[name] = count.count();
    }
    return counts;
}

std::size_t sum_of(const counts_by_name& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0},
                           [](std::size_t sum, const auto& entry) { return sum + entry.second; });
}

std::string most_frequent(const counts_by_name& counts) {
    const auto found = std::max_element(counts.begin(), counts.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    return found == counts.end() ? "" : found->first;
}

json::value text_placeholder(const described_field& field) {
    static const std::map<std::string, std::string, std::less<>> texts{
        {"integer", "1"},
        {"decimal", "1.5"},
        {"integer%", "1%"},
        {"decimal%", "1.5%"},
        {"empty", ""},
        {"blank", " "},
        {"time", "2026-01-01T00:00:00Z"},
        {"id", "0123456789abcdef0123456789abcdef"},
        {"name", "x1"},
        {"text", "x y"}};
    const std::string shape = most_frequent(field.shapes);
    if (shape == "word")
        return json::value(most_frequent(field.words));
    const auto found = texts.find(shape);
    return json::value(found == texts.end() ? "x1" : found->second);
}

// What stands between the path of an object and the names of the fields in it.
json::object placeholders_inside(const described_fields& fields, const std::string& prefix) {
    json::object inside;
    for (const auto& [path, field] : fields) {
        if (!path.starts_with(prefix))
            continue;
        const auto name = std::string_view(path).substr(prefix.size());
        const std::string type = most_frequent(field.types);
        if (name.find('.') == std::string_view::npos && type != "absent")
            inside[name] = placeholder(fields, path, type);
    }
    return inside;
}

} // namespace

described_field read_field(const report_node& node) {
    node.allow({"known", "of", "types", "shapes", "words", "padded", "range"});
    described_field field;
    field.known = node.at("known").boolean();
    const auto types = node.at("types");
    types.allow({"string", "number", "boolean", "null", "array", "object", "absent"});
    field.types = read_counts(types);
    if (const auto of = node.at("of").count(); of != sum_of(field.types))
        types.refuse(fmt::format("must add up to 'of', which is {}", of));
    if (const auto shapes = node.find("shapes")) {
        shapes->allow({"integer", "decimal", "integer%", "decimal%", "empty", "blank", "word", "time", "id",
                       "name", "text"});
        field.shapes = read_counts(*shapes);
    }
    if (const auto words = node.find("words"))
        field.words = read_counts(*words);
    if (const auto padded = node.find("padded"))
        field.padded = padded->count();
    return field;
}

described_fields read_fields(const report_node& node) {
    described_fields fields;
    for (const auto& [path, field] : node.members())
        fields.emplace_back(path, read_field(field));
    return fields;
}

const described_field* find_field(const described_fields& fields, std::string_view path) {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == path; });
    return found == fields.end() ? nullptr : &found->second;
}

json::value placeholder(const described_fields& fields, std::string_view path, std::string_view type) {
    const described_field* field = find_field(fields, path);
    if (type == "string" && field)
        return text_placeholder(*field);
    if (type == "number" && field)
        return field->of_shape("integer") > 0 ? json::value(1) : json::value(1.5);
    if (type == "boolean")
        return true;
    if (type == "object")
        return placeholders_inside(fields, std::string(path) + ".");
    if (type != "array")
        return nullptr;
    json::array items;
    if (auto item = placeholders_inside(fields, std::string(path) + "[]."); !item.empty())
        items.push_back(std::move(item));
    return items;
}

} // namespace replmond::simulator
