#include "tests/simulator/mysql_faults.hpp"

#include <array>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

struct named_fault {
    std::string_view name;
    mysql_fault_kind kind;
    mysql_phase phase;
    bool any_phase; // `at` may name another one
};

constexpr std::array<named_fault, 9> known_faults{
    {{"hang_greeting", mysql_fault_kind::hang, mysql_phase::greeting, false},
     {"hang_login", mysql_fault_kind::hang, mysql_phase::login, false},
     {"hang_query", mysql_fault_kind::hang, mysql_phase::query, false},
     {"half_packet", mysql_fault_kind::half_packet, mysql_phase::query, true},
     {"garbage", mysql_fault_kind::garbage, mysql_phase::query, true},
     {"close", mysql_fault_kind::close, mysql_phase::query, true},
     {"big_text", mysql_fault_kind::big_text, mysql_phase::query, false},
     {"not_mysql", mysql_fault_kind::not_mysql, mysql_phase::greeting, false},
     {"error", mysql_fault_kind::error, mysql_phase::query, true}}};

const named_fault* find_fault(std::string_view name) {
    for (const auto& known : known_faults) {
        if (known.name == name)
            return &known;
    }
    return nullptr;
}

struct named_phase {
    std::string_view name;
    mysql_phase phase;
};

constexpr std::array<named_phase, 3> known_phases{
    {{"greeting", mysql_phase::greeting}, {"login", mysql_phase::login}, {"query", mysql_phase::query}}};

// False for a name that is none.
bool read_phase(const std::optional<std::string>& name, mysql_phase& phase) {
    for (const auto& known : known_phases) {
        if (name && known.name == *name)
            phase = known.phase;
        if (!name || known.name == *name)
            return true;
    }
    return false;
}

std::string_view name_of(mysql_phase phase) {
    for (const auto& known : known_phases) {
        if (known.phase == phase)
            return known.name;
    }
    return "query";
}

} // namespace

std::optional<mysql_fault> read_mysql_fault(json_fields& fields, std::string& mistake) {
    std::optional<std::string> name;
    std::optional<std::string> at;
    std::optional<std::int64_t> code;
    mysql_fault fault;
    fields.read("fault", name);
    fields.read("at", at);
    fields.read("count", fault.count, 1, 1'000'000'000);
    fields.read("error_code", code, 1, 65535);
    fields.read("error_state", fault.error.state);
    fields.read("error_msg", fault.error.text);
    if (!name) {
        if (at || code || fault.count)
            mistake = "'at', 'count' and 'error_code' belong to a 'fault'";
        return std::nullopt;
    }
    const auto* known = find_fault(*name);
    fault.error.code = static_cast<int>(code.value_or(fault.error.code));
    if (!known)
        mistake = "'fault' must be hang_greeting, hang_login, hang_query, half_packet, garbage, close, "
                  "big_text, not_mysql or error";
    else if (at && !known->any_phase)
        mistake = "'at' belongs to half_packet, garbage, close and error";
    else if (fault.error.state.size() != 5)
        mistake = "'error_state' must have five characters";
    if (!mistake.empty())
        return std::nullopt;
    fault.name = *name;
    fault.kind = known->kind;
    fault.phase = known->phase;
    if (!read_phase(at, fault.phase)) {
        mistake = "'at' must be greeting, login or query";
        return std::nullopt;
    }
    return fault;
}

json::object shown(const mysql_fault& fault) {
    json::object state{{"fault", fault.name}, {"at", name_of(fault.phase)}};
    if (fault.count)
        state["count"] = *fault.count;
    if (fault.kind == mysql_fault_kind::error) {
        state["error_code"] = fault.error.code;
        state["error_state"] = fault.error.state;
        state["error_msg"] = fault.error.text;
    }
    return state;
}

bool stops_statement(const mysql_fault& fault) {
    return fault.kind != mysql_fault_kind::half_packet && fault.kind != mysql_fault_kind::big_text;
}

std::string http_answer() {
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n"
           "Connection: close\r\n\r\nBad Request\n";
}

// No length of a packet in it is true, and no byte is a marker of the protocol.
std::string garbage_bytes() {
    std::string bytes;
    for (unsigned i = 0; i < 64; ++i)
        bytes += static_cast<char>(0x80 + i * 37 % 113);
    return bytes;
}

} // namespace replmond::simulator
