// Reads headers that list what a client accepts.

#include "daemon/core/http/preferences.hpp"

#include "daemon/core/model/text.hpp"

#include <utility>

namespace replmond::http {

namespace {

// Removes the part of `text` up to the first `at` and returns it without blanks.
std::string_view take(std::string_view& text, char at) {
    const std::size_t end = text.find(at);
    const std::string_view part = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

void read_parameter(std::string_view parameter, preference& into) {
    const std::string_view key = take(parameter, '=');
    std::string_view value = trimmed(parameter);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
    if (key == "version")
        into.version = value;
    if (key == "q") {
        const auto weight = parse_number(value);
        into.weight = weight && *weight >= 0 && *weight <= 1 ? *weight : 0;
    }
}

} // namespace

std::vector<preference> parse_preferences(std::string_view header) {
    const std::string lower = to_lower_ascii(header);
    std::string_view rest = lower;
    std::vector<preference> list;
    while (!rest.empty()) {
        std::string_view element = take(rest, ',');
        preference read;
        read.value = take(element, ';');
        while (!element.empty())
            read_parameter(take(element, ';'), read);
        if (!read.value.empty())
            list.push_back(std::move(read));
    }
    return list;
}

} // namespace replmond::http
