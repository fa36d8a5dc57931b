#include "daemon/cloud/error_body.hpp"

#include "daemon/cloud/exact_json.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>

#include <array>
#include <utility>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

constexpr std::size_t text_limit = 200;     // of a body that is no JSON
constexpr std::size_t message_limit = 1024; // a log line must stay readable

using names = std::pair<std::string_view, std::string_view>;
constexpr std::array<names, 3> pairs = {names{"error_code", "error_msg"}, names{"errorCode", "errorMsg"},
                                        names{"code", "message"}};

// Strings as they are, numbers as digits (IAM's code is one), all else nothing.
std::string scalar(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr)
        return {};
    if (value->is_string())
        return std::string(value->get_string());
    if (value->is_number())
        return json::serialize(*value);
    return {};
}

bool read_pair(const json::object& object, error_body& into) {
    for (const auto& [code, message] : pairs) {
        into.code = scalar(object, code);
        into.message = scalar(object, message);
        if (into.message.empty() && code == pairs.front().first)
            into.message = scalar(object, "error_message");
        if (!into.code.empty() || !into.message.empty())
            return true;
    }
    return false;
}

bool read_nested(const json::object& object, error_body& into) {
    for (const auto& member : object) {
        if (member.value().is_object() && read_pair(member.value().get_object(), into))
            return true;
        if (!member.value().is_array())
            continue;
        for (const json::value& item : member.value().get_array()) {
            if (item.is_object() && read_pair(item.get_object(), into))
                return true;
        }
    }
    return false;
}

} // namespace

error_body decode_error_body(std::string_view body) {
    error_body read;
    json::error_code error;
    const json::value document = parse_exactly(body, error);
    if (error || !document.is_object()) {
        read.message = cut_between_characters(body, text_limit);
        return read;
    }

    const json::object& object = document.get_object();
    if (!read_pair(object, read))
        read_nested(object, read);
    read.request_id = cut_between_characters(scalar(object, "request_id"), text_limit);
    read.code = cut_between_characters(read.code, text_limit);
    read.message = cut_between_characters(read.message, message_limit);
    return read;
}

} // namespace replmond::cloud
