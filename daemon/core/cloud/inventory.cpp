// The lists of TaurusDB instances and of their HTAP instances, decoded as tolerantly as task lists.

#include "daemon/core/cloud/inventory.hpp"

#include "daemon/core/cloud/json.hpp"
#include "daemon/core/http/url.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

failure no_instances(std::string why) {
    return make_failure(poll_result::protocol, std::move(why));
}

// The value of a field; nullptr if it is absent or null, which means "not reported".
const json::value* reported(const json::object& record, std::string_view field) {
    const json::value* value = record.if_contains(field);
    return value == nullptr || value->is_null() ? nullptr : value;
}

} // namespace

result<json::object> read_object(std::string_view body) {
    json::error_code error;
    json::value document = parse_exactly(body, error);
    if (error)
        return no_instances(fmt::format("the answer is not JSON: {}", error.message()));
    if (!document.is_object())
        return no_instances("the answer is JSON, but not an object with \"instances\"");
    return std::move(document.get_object());
}

result<const json::array*> read_instances(const json::object& answer, bool counted) {
    const json::value* records = reported(answer, "instances");
    if (records != nullptr && !records->is_array())
        return no_instances("\"instances\" in the answer is not an array");
    if (records == nullptr && !counted)
        return no_instances("the answer has no \"instances\"");
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

result<instances_page> decode_instances(std::string_view body) {
    const auto answer = read_object(body);
    if (!answer)
        return answer.error();
    instances_page read;
    read.total_count = read_count(*answer, "total_count", read.unexpected);
    const auto records = read_instances(*answer, read.total_count.has_value());
    if (!records)
        return records.error();
    if (*records == nullptr)
        return read;

    read.records = (*records)->size();
    for (const json::value& record : **records) {
        auto id = read_instance_id(record, read.unexpected);
        if (!id) {
            ++read.unusable;
            continue;
        }
        taurusdb_instance one;
        one.id = std::move(*id);
        one.name = read_text(record.get_object(), "name", read.unexpected);
        one.status = read_text(record.get_object(), "status", read.unexpected);
        read.instances.push_back(std::move(one));
    }
    return read;
}

namespace {

enum class engine { starrocks, other, unknown };

// The documents write star-rocks (API.md, section 3); other spellings are accepted.
engine engine_of(const json::value& record, std::vector<unexpected_value>& unexpected) {
    if (!record.is_object())
        return engine::unknown; // read_instance_id() adds it to `unexpected`
    const json::value* name = record.get_object().if_contains("engine_name");
    if (name == nullptr || !name->is_string() || name->get_string().empty()) {
        unexpected.push_back({"", "engine_name", name == nullptr ? "absent" : describe(*name)});
        return engine::unknown;
    }
    std::string word = to_lower_ascii(name->get_string());
    std::erase_if(word, [](char c) { return c == '-' || c == '_'; });
    return word == "starrocks" ? engine::starrocks : engine::other;
}

std::string status_of(const json::object& record, std::vector<unexpected_value>& unexpected) {
    const json::value* state = record.if_contains("instance_state");
    if (state == nullptr || !state->is_object())
        return {};
    return read_text(state->get_object(), "instance_status", unexpected);
}

std::string host_in(const json::object& record, std::string_view field) {
    const json::value* value = record.if_contains(field);
    if (value == nullptr || !value->is_string())
        return {};
    std::string host(trimmed(value->get_string(), blanks_around_words));
    return http::is_host(host) ? host : std::string();
}

// A number or its text, as counts are.
std::optional<int> port_in(const json::object& record) {
    const json::value* value = record.if_contains("port");
    const auto number = value == nullptr     ? std::nullopt
                        : value->is_string() ? parse_number(trimmed(value->get_string(), blanks_around_words))
                        : value->is_int64()  ? std::optional(static_cast<double>(value->get_int64()))
                                             : std::nullopt;
    if (!number || *number < 1 || *number > 65535 || *number != static_cast<int>(*number))
        return std::nullopt;
    return static_cast<int>(*number);
}

sql_address address_of(const json::object& record) {
    sql_address address;
    address.port = port_in(record).value_or(address.port);
    address.host = host_in(record, "data_vip");
    const json::value* nodes = record.if_contains("readable_node_infos");
    if (!address.host.empty() || nodes == nullptr || !nodes->is_array())
        return address;
    for (const json::value& node : nodes->get_array()) {
        if (node.is_object())
            address.host = host_in(node.get_object(), "data_ip");
        if (!address.host.empty())
            break;
    }
    return address;
}

void read_record(const json::value& record, htap_list& into) {
    const engine known = engine_of(record, into.unexpected);
    if (known == engine::other)
        return;
    auto id = read_instance_id(record, into.unexpected);
    if (!id || known == engine::unknown) {
        ++into.unusable;
        return;
    }
    starrocks_instance one;
    one.id = std::move(*id);
    one.name = read_text(record.get_object(), "name", into.unexpected);
    one.status = status_of(record.get_object(), into.unexpected);
    one.address = address_of(record.get_object());
    into.starrocks.push_back(std::move(one));
}

} // namespace

result<htap_list> decode_htap(std::string_view body) {
    const auto answer = read_object(body);
    if (!answer)
        return answer.error();
    htap_list read;
    read.total = read_count(*answer, "total", read.unexpected);
    const auto records = read_instances(*answer, read.total.has_value());
    if (!records)
        return records.error();
    if (*records == nullptr)
        return read;

    read.records = (*records)->size();
    for (const json::value& record : **records)
        read_record(record, read);
    return read;
}

} // namespace replmond::cloud
