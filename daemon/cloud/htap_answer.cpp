#include "daemon/cloud/htap_answer.hpp"

#include "daemon/cloud/inventory_record.hpp"
#include "daemon/cloud/wire_value.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>

#include <string>
#include <utility>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

enum class engine { starrocks, other, unknown };

// The documents write star-rocks, people StarRocks.
engine engine_of(const json::value& record, std::vector<unexpected_value>& unexpected) {
    if (!record.is_object())
        return engine::unknown; // read_instance_id() notes it
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
