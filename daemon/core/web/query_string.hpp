#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::web {

/// The parameters behind the `?` of a request's target in their order, percent-decoded, `+` taken as a space.
/// Nothing where an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query_string(std::string_view target);

/// The query behind the `?`, the same text for the same parameters: sorted by their names, encoded alike,
/// those with an empty value left out. As it stands where an escape is broken.
std::string sorted_query(std::string_view target);

/// `text` as it stands in a query string: letters, digits and `-._~`, all else as %XX.
std::string encode_query_value(std::string_view text);

/// A parameter of a query: its name, and how its value is taken in. `read` gives a text for the caller where
/// the value cannot be read, else an empty one.
template<class Query>
struct parameter {
    std::string_view name;
    std::string (*read)(Query& into, std::string_view value);
};

enum class unknown_parameters { refused, ignored };

/// What is wrong with a parameter that is not known.
std::string unknown_parameter(std::string_view name, const std::vector<std::string_view>& allowed);

/// Reads a target's parameters into a query; or a text for the caller. No parameter may come twice; one with
/// an empty value is as if it were not there.
template<class Query>
std::variant<Query, std::string> read_query(std::string_view target,
                                            std::span<const parameter<Query>> allowed,
                                            unknown_parameters unknown = unknown_parameters::refused) {
    const auto given = parse_query_string(target);
    if (!given)
        return "the query string has an escape that is no %XX";
    Query query;
    std::map<std::string_view, bool> seen;
    for (const auto& [name, value] : *given) {
        const auto found = std::find_if(allowed.begin(), allowed.end(),
                                        [&n = name](const parameter<Query>& p) { return p.name == n; });
        if (found == allowed.end()) {
            if (unknown == unknown_parameters::ignored)
                continue;
            std::vector<std::string_view> names;
            for (const parameter<Query>& p : allowed)
                names.push_back(p.name);
            return unknown_parameter(name, names);
        }
        if (!seen.emplace(found->name, true).second)
            return std::string(found->name) + ": given twice";
        if (value.empty())
            continue;
        if (std::string mistake = found->read(query, value); !mistake.empty())
            return std::string(found->name) + ": " + mistake;
    }
    return query;
}

/// Of a path that takes no parameters.
struct no_query {};
std::variant<no_query, std::string> parse_no_query(std::string_view target);

/// Reads a whole number from `least` to `most`; a text for the caller where it is none.
std::string read_whole_number(std::size_t& into, std::string_view text, std::size_t least, std::size_t most);

} // namespace replmond::web
