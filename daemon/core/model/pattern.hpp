#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace re2 {
class RE2;
}

namespace replmond {

/// A regular expression in the syntax of RE2 (as in Prometheus), searched in UTF-8 text. It matches
/// characters, not bytes. The time of a search is proportional to the length of the text, for every
/// expression. Copies share the compiled expression.
class pattern {
public:
    /// The pattern, or an error message if `expression` is not valid. RE2 has no look-around and no
    /// backreferences.
    static std::variant<pattern, std::string> compile(std::string_view expression);

    /// True if the expression matches anywhere in `text`; it is not anchored.
    bool is_found_in(std::string_view text) const;

private:
    explicit pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

    std::shared_ptr<const re2::RE2> compiled_;
};

} // namespace replmond
