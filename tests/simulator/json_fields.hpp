#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// Strict reading of one JSON object from the control endpoint: fields of another type and fields that nobody
/// reads are mistakes. An absent field leaves its target as it is; `null` empties an optional one.
class json_fields {
public:
    explicit json_fields(const boost::json::object& object) : object_(object) {}

    void read(std::string_view key, std::string& target);
    void read(std::string_view key, bool& target);
    void read(std::string_view key, std::optional<std::string>& target); // numbers are taken as their text
    void read(std::string_view key, std::optional<bool>& target);
    void read(std::string_view key, std::optional<double>& target);
    void read(std::string_view key, std::optional<std::int64_t>& target,
              std::int64_t low = std::numeric_limits<std::int64_t>::min(),
              std::int64_t high = std::numeric_limits<std::int64_t>::max());

    /// An object; `null` reads as an empty one. Null where the field is absent or wrong.
    const boost::json::object* read_object(std::string_view key);

    /// What is wrong; empty where nothing is. To be asked last.
    std::string mistake() const;

private:
    const boost::json::value* find(std::string_view key);
    void refuse(std::string_view key, std::string_view wanted);

    const boost::json::object& object_;
    std::set<std::string, std::less<>> known_;
    std::string mistake_;
};

} // namespace replmond::simulator
