#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// The parameters behind the `?` of a request's target, percent-decoded, `+` taken as a space; of one that
/// comes twice the last. Nothing where an escape is broken.
std::optional<std::map<std::string, std::string>> parse_query_string(std::string_view target);

} // namespace replmond::exposition
