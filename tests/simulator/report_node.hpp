#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::simulator {

/// A mistake in a report: `FILE: place: what is wrong and what is allowed`.
class report_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Strict reading of a value in a report: every member throws report_error with the place of what is wrong.
/// Refers to the document, which has to outlive it.
class report_node {
public:
    /// `place`: such as `projects[0].calls`; empty for the whole document.
    report_node(std::string file, std::string place, const boost::json::value& value)
        : file_(std::move(file)), place_(std::move(place)), value_(&value) {}

    /// The value of a key that must be there, and of one that may be.
    report_node at(std::string_view key) const;
    std::optional<report_node> find(std::string_view key) const;

    /// Refuses keys other than these.
    void allow(std::initializer_list<std::string_view> keys) const;

    std::vector<report_node> items() const;                           // of an array
    std::vector<std::pair<std::string, report_node>> members() const; // of an object
    std::string text() const;
    bool boolean() const;
    std::size_t count() const; // a number from 0 to 1,000,000

    /// A text that is one of these.
    std::string one_of(std::initializer_list<std::string_view> words) const;

    [[noreturn]] void refuse(std::string_view text) const;

private:
    report_node child(std::string place, const boost::json::value& value) const;

    std::string file_;
    std::string place_;
    const boost::json::value* value_;
};

} // namespace replmond::simulator
