#include "daemon/cloud/inventory_record.hpp"

#include "daemon/cloud/exact_json.hpp"
#include "daemon/cloud/wire_value.hpp"
#include "daemon/model/instance_id.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

failure no_such_list(std::string why) {
    failure f;
    f.result = poll_result::protocol;
    f.error_msg = std::move(why);
    return f;
}

// nullptr where the field is absent or null: "not reported".
const json::value* reported(const json::object& record, std::string_view field) {
    const json::value* value = record.if_contains(field);
    return value == nullptr || value->is_null() ? nullptr : value;
}

} // namespace

result<json::object> read_object(std::string_view body) {
    json::error_code error;
    json::value document = parse_exactly(body, error);
    if (error)
        return no_such_list(fmt::format("the answer is not JSON: {}", error.message()));
    if (!document.is_object())
        return no_such_list("the answer is JSON, but not an object with \"instances\"");
    return std::move(document.get_object());
}

result<const json::array*> read_instances(const json::object& answer, bool counted) {
    const json::value* records = reported(answer, "instances");
    if (records != nullptr && !records->is_array())
        return no_such_list("\"instances\" in the answer is not an array");
    if (records == nullptr && !counted)
        return no_such_list("the answer has no \"instances\"");
    return records == nullptr ? nullptr : &records->get_array();
}

std::optional<std::uint64_t> read_count(const json::object& answer, std::string_view field,
                                        std::vector<unexpected_value>& unexpected) {
    const json::value* value = reported(answer, field);
    if (value == nullptr)
        return std::nullopt;
    const auto count = to_count(*value);
    if (!count)
        unexpected.push_back({"", std::string(field), describe(*value)});
    return count;
}

std::optional<std::string> read_instance_id(const json::value& record,
                                            std::vector<unexpected_value>& unexpected) {
    if (!record.is_object()) {
        unexpected.push_back({"", "id", describe(record)});
        return std::nullopt;
    }
    const json::value* id = record.get_object().if_contains("id");
    if (id != nullptr && id->is_string() && is_instance_id(id->get_string()))
        return std::string(id->get_string());
    unexpected.push_back({"", "id", id == nullptr ? "absent" : describe(*id)});
    return std::nullopt;
}

std::string read_text(const json::object& record, std::string_view field,
                      std::vector<unexpected_value>& unexpected) {
    const json::value* value = reported(record, field);
    if (value == nullptr)
        return {};
    if (value->is_string())
        return cut_between_characters(value->get_string(), longest_instance_name);
    unexpected.push_back({"", std::string(field), describe(*value)});
    return {};
}

} // namespace replmond::cloud
