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

/// The parameters after the `?` of a request's target in their order, percent-decoded (RFC 3986 2.1). `+` is
/// a space, as HTML forms send it (application/x-www-form-urlencoded). Nothing if an escape is not %XX.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query_string(std::string_view target);

/// The query of a target in a canonical form, which is the same for the same parameters: sorted by name,
/// encoded in the same way, without empty values. If an escape is not %XX, the query as it was sent.
std::string sorted_query(std::string_view target);

/// Percent-encodes `text` for a query string: all but the unreserved characters, letters, digits and `-._~`
/// (RFC 3986 2.3).
std::string encode_query_value(std::string_view text);

/// A parameter of a query: its name, and the function that parses its value. `read` returns an error text for
/// the client, or an empty text if the value is valid.
template<class Query>
struct parameter {
    std::string_view name;
    std::string (*read)(Query& into, std::string_view value);
};

/// What read_query() does with parameters that are not known.
enum class unknown_parameters { refused, ignored };

/// The error text for a parameter that is not known.
std::string unknown_parameter(std::string_view name, const std::vector<std::string_view>& allowed);

/// Parses the parameters of a target. Returns the query, or an error text for the client. A parameter that is
/// given twice is an error; one with an empty value is ignored.
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

/// The query of a path that has no parameters.
struct no_query {};
std::variant<no_query, std::string> parse_no_query(std::string_view target);

/// Parses a whole number from `least` to `most` into `into`. Returns an error text for the client, or an
/// empty text.
std::string read_whole_number(std::size_t& into, std::string_view text, std::size_t least, std::size_t most);

} // namespace replmond::web
