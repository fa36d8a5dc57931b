#include "daemon/export/query_string.hpp"

#include <algorithm>
#include <charconv>

namespace replmond::exposition {
namespace {

std::optional<char> decode_hex(std::string_view two) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(two.data(), two.data() + two.size(), value, 16);
    if (two.size() != 2 || error != std::errc() || end != two.data() + two.size())
        return std::nullopt;
    return static_cast<char>(value);
}

std::optional<std::string> decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto c = decode_hex(text.substr(i + 1, 2));
        if (!c)
            return std::nullopt;
        decoded += *c;
        i += 2;
    }
    return decoded;
}

} // namespace

std::optional<std::map<std::string, std::string>> parse_query_string(std::string_view target) {
    std::map<std::string, std::string> parameters;
    const auto mark = target.find('?');
    if (mark == std::string_view::npos)
        return parameters;
    std::string_view rest = target.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        if (one.empty())
            continue;
        const auto equals = std::min(one.find('='), one.size());
        const auto key = decode(one.substr(0, equals));
        const auto value = decode(one.substr(std::min(one.size(), equals + 1)));
        if (!key || !value)
            return std::nullopt;
        parameters.insert_or_assign(*key, *value);
    }
    return parameters;
}

} // namespace replmond::exposition
