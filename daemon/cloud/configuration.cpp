#include "daemon/cloud/configuration.hpp"

#include "daemon/cloud/exact_json.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

constexpr std::size_t text_limit = 1024;

std::optional<std::string> text_of(const json::object& object, std::string_view field) {
    const json::value* value = object.if_contains(field);
    if (value == nullptr || !value->is_string() || value->get_string().empty())
        return std::nullopt;
    return cut_between_characters(std::string_view(value->get_string()), text_limit);
}

} // namespace

std::optional<std::string> task_configuration::error_text() const {
    if (!error_msg || error_msg == last_error_of_alter_table)
        return last_error_of_alter_table;
    if (!last_error_of_alter_table)
        return error_msg;
    return *error_msg + "; " + *last_error_of_alter_table;
}

result<task_configuration> decode_configuration(std::string_view body) {
    json::error_code error;
    const json::value document = parse_exactly(body, error);
    if (error || !document.is_object()) {
        failure f;
        f.result = poll_result::protocol;
        f.error_msg = "the answer of the configuration API is not a JSON object";
        return f;
    }
    task_configuration read;
    read.error_msg = text_of(document.get_object(), "error_msg");
    read.last_error_of_alter_table = text_of(document.get_object(), "last_error_of_alter_table");
    return read;
}

} // namespace replmond::cloud
