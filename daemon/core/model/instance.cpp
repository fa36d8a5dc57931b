// The form of an instance's id.

#include "daemon/core/model/instance.hpp"

#include <algorithm>
#include <cstddef>

namespace replmond {

namespace {

constexpr std::size_t id_length = 36;

bool is_allowed(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

bool is_instance_id(std::string_view text) {
    return text.size() == id_length && std::all_of(text.begin(), text.end(), is_allowed);
}

} // namespace replmond
