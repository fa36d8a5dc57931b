#include "daemon/export/instance_query.hpp"

#include "daemon/export/query_string.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::exposition {
namespace {

std::string read_result(instance_query& into, std::string_view value) {
    std::string words;
    for (const poll_result each : all_poll_results) {
        if (value == to_string(each))
            into.result = each;
        words += fmt::format("{}{}", words.empty() ? "" : ", ", to_string(each));
    }
    return into.result || value.empty() ? "" : "expected one of " + words;
}

std::string read_order(instance_query& into, std::string_view value) {
    if (value == "severity")
        into.order = instance_order::severity;
    else if (!value.empty() && value != "instance")
        return "expected severity or instance";
    return {};
}

template<std::string instance_query::*Member>
std::string read_text(instance_query& into, std::string_view value) {
    into.*Member = value;
    return {};
}

constexpr std::array parameters = {
    parameter<instance_query>{"instance", read_text<&instance_query::instance>},
    parameter<instance_query>{"project", read_text<&instance_query::project>},
    parameter<instance_query>{"result", read_result},
    parameter<instance_query>{"sort", read_order},
    parameter<instance_query>{"limit",
                              [](instance_query& into, std::string_view value) {
                                  return read_whole_number(into.limit.emplace(), value, 1, 100'000);
                              }},
    parameter<instance_query>{"offset",
                              [](instance_query& into, std::string_view value) {
                                  return read_whole_number(into.offset, value, 0, 100'000'000);
                              }},
};

} // namespace

std::variant<instance_query, std::string> parse_instance_query(std::string_view target) {
    return read_query<instance_query>(target, parameters);
}

bool admits(const instance_query& query, const instance_state& of) {
    return (query.project.empty() || of.identity.project == query.project) &&
           (query.instance.empty() || of.identity.name == query.instance ||
            of.identity.id == query.instance) &&
           (!query.result || of.last_result == query.result);
}

} // namespace replmond::exposition
