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
/// characters, not bytes, and takes time proportional to the text's length, whatever the expression. Copies
/// share one automaton.
class pattern {
public:
    /// The pattern, or why `expression` is none. RE2 has no look-around and no back references.
    static std::variant<pattern, std::string> compile(std::string_view expression);

    bool is_found_in(std::string_view text) const;

private:
    explicit pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

    std::shared_ptr<const re2::RE2> compiled_;
};

} // namespace replmond
