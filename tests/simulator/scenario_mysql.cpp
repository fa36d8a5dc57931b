// What a scenario says of database servers and of lag.
#include "tests/simulator/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::simulator {
namespace {

struct named_form {
    std::string_view name;
    heartbeat_form form;
};

constexpr std::array<named_form, 5> forms{{{"seconds", heartbeat_form::seconds},
                                           {"milliseconds", heartbeat_form::milliseconds},
                                           {"microseconds", heartbeat_form::microseconds},
                                           {"text", heartbeat_form::text},
                                           {"text_t", heartbeat_form::text_t}}};

// Four numbers up to 255, the first of them 127.
bool is_loopback_address(const std::string& text) {
    if (!text.starts_with("127."))
        return false;
    std::size_t parts = 0;
    for (std::size_t begin = 0; begin <= text.size(); ++parts) {
        const std::size_t end = std::min(text.find('.', begin), text.size());
        const std::string part = text.substr(begin, end - begin);
        const bool leading_zero = part.size() > 1 && part.front() == '0';
        if (leading_zero || part.size() > 3 || !parse_number(part, 0, 255))
            return false;
        begin = end + 1;
    }
    return parts == 4;
}

std::chrono::milliseconds read_one_lag(const mapping& owner, const YAML::Node& value) {
    const auto lag = value.IsScalar() ? parse_duration(value.Scalar()) : std::nullopt;
    if (!lag)
        owner.refuse("lag", "must be a duration such as 500ms or 5m, or two of them as [from, to]");
    return *lag;
}

} // namespace

std::optional<heartbeat_form> heartbeat_form_named(std::string_view name) {
    for (const auto& known : forms) {
        if (known.name == name)
            return known.form;
    }
    return std::nullopt;
}

std::optional<mysql_spec> read_mysql(const mapping& root) {
    if (!root.has("mysql"))
        return std::nullopt;
    const mapping given(root.file(), root.at("mysql"), "mysql",
                        {"user", "password", "table", "column", "as"});
    mysql_spec spec;
    spec.user = given.text("user");
    spec.password = given.text("password");
    spec.table = given.text_or("table", spec.table);
    spec.column = given.text_or("column", spec.column);
    const auto form = heartbeat_form_named(given.text_or("as", "microseconds"));
    if (!form)
        given.refuse("as", "must be seconds, milliseconds, microseconds, text or text_t");
    spec.form = *form;
    return spec;
}

std::string read_address(const mapping& owner) {
    if (!owner.has("address"))
        return {};
    const std::string address = owner.text("address");
    if (!is_loopback_address(address))
        owner.refuse("address", fmt::format("must be an address such as 127.0.1.1, not '{}'", address));
    return address;
}

void read_lag(const mapping& given, task_spec& task) {
    if (given.has("lag"))
        task.lag = read_one_lag(given, given.at("lag"));
    if (!given.has("heartbeat"))
        return;
    task.heartbeat = given.text("heartbeat");
    const std::size_t dot = task.heartbeat->find('.');
    if (dot == 0 || dot == std::string::npos || dot + 1 == task.heartbeat->size())
        given.refuse("heartbeat", "must be DATABASE.TABLE");
}

std::optional<lag_course> read_step_lag(const mapping& given) {
    if (!given.has("lag"))
        return std::nullopt;
    const YAML::Node& value = given.at("lag");
    if (value.IsSequence() && value.size() == 2)
        return lag_course{read_one_lag(given, value[0]), read_one_lag(given, value[1])};
    const auto constant = read_one_lag(given, value);
    return lag_course{constant, constant};
}

} // namespace replmond::simulator
