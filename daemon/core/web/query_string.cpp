// Decodes and encodes query strings, and brings them to a canonical form.

#include "daemon/core/web/query_string.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace replmond::web {

namespace {

constexpr std::size_t longest_echo = 60; // bytes of a parameter's name that an error text repeats

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

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query_string(std::string_view target) {
    std::vector<std::pair<std::string, std::string>> parameters;
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
        auto key = decode(one.substr(0, equals));
        auto value = decode(one.substr(std::min(one.size(), equals + 1)));
        if (!key || !value)
            return std::nullopt;
        parameters.emplace_back(std::move(*key), std::move(*value));
    }
    return parameters;
}

std::string sorted_query(std::string_view target) {
    auto parameters = parse_query_string(target);
    if (!parameters)
        return std::string(target.substr(std::min(target.find('?'), target.size())));
    std::sort(parameters->begin(), parameters->end());
    std::string query;
    for (const auto& [name, value] : *parameters) {
        if (!value.empty())
            query += fmt::format("{}{}={}", query.empty() ? '?' : '&', encode_query_value(name),
                                 encode_query_value(value));
    }
    return query;
}

std::string encode_query_value(std::string_view text) {
    constexpr std::string_view plain = "-._~";
    std::string encoded;
    for (const char c : text) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (alphanumeric || plain.find(c) != std::string_view::npos)
            encoded += c;
        else
            fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string unknown_parameter(std::string_view name, const std::vector<std::string_view>& allowed) {
    const std::string what =
        fmt::format("unknown parameter \"{}\"", cut_between_characters(name, longest_echo));
    return allowed.empty() ? what + ": none is taken here"
                           : fmt::format("{}: allowed are {}", what, fmt::join(allowed, ", "));
}

std::variant<no_query, std::string> parse_no_query(std::string_view target) {
    return read_query<no_query>(target, {});
}

std::string read_whole_number(std::size_t& into, std::string_view text, std::size_t least, std::size_t most) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error == std::errc() && end == text.data() + text.size() && into >= least && into <= most)
        return {};
    return fmt::format("expected a whole number from {} to {}", least, most);
}

} // namespace replmond::web
