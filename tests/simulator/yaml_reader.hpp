#pragma once

#include "tests/simulator/timeline.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// A mistake in a scenario: `FILE:LINE:COLUMN: what is wrong`.
class scenario_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;

    /// The mistake `text` at `node` of `file`.
    static scenario_error at(const std::string& file, const YAML::Node& node, const std::string& text);
};

/// `500ms`, `30s`, `5m`, `1h30m`, `2d`; nothing for other text.
std::optional<virtual_time> parse_duration(std::string_view text);

/// Strict reading of one YAML mapping: yaml-cpp itself accepts unknown and duplicate keys and converts
/// loosely. Every member throws scenario_error with the position of what is wrong.
class mapping {
public:
    /// `what` names it in messages, such as "a task"; other keys than `allowed` are mistakes.
    mapping(const std::string& file, const YAML::Node& node, const std::string& what,
            std::initializer_list<std::string_view> allowed);

    bool has(const std::string& key) const { return entries_.contains(key); }

    /// The value of a key that must be there.
    const YAML::Node& at(const std::string& key) const;

    std::string text(const std::string& key) const; // not empty
    std::string text_or(const std::string& key, const std::string& otherwise) const;
    bool boolean_or(const std::string& key, bool otherwise) const;
    double number(const std::string& key, double low, double high) const;
    std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high) const;
    virtual_time duration(const std::string& key) const;
    virtual_time duration_or(const std::string& key, virtual_time otherwise) const;

    /// A list, which may be empty.
    const YAML::Node& list(const std::string& key) const;

    [[noreturn]] void refuse(const std::string& key, const std::string& text) const;
    [[noreturn]] void refuse(const std::string& text) const;

    const std::string& file() const { return file_; }

private:
    std::string file_;
    YAML::Node node_;
    std::string what_;
    std::map<std::string, YAML::Node> entries_;
};

/// A number written as plain decimal text within the bounds; nothing for anything else.
std::optional<double> parse_number(const std::string& text, double low, double high);

} // namespace replmond::simulator
