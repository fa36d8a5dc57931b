#pragma once

#include "daemon/model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// Appends one JSON object to `json`, member by member, in the order of the calls; the destructor closes it.
/// A value that is not known leaves its key out.
class json_object {
public:
    explicit json_object(std::string& json) : json_(json) { json_ += '{'; }
    ~json_object() { json_ += '}'; }
    json_object(const json_object&) = delete;
    json_object& operator=(const json_object&) = delete;

    json_object& text(std::string_view name, std::optional<std::string_view> value);
    json_object& flag(std::string_view name, std::optional<bool> value);
    json_object& count(std::string_view name, std::uint64_t value);
    json_object& percentage(std::string_view name, std::optional<double> value);
    json_object& time(std::string_view name, std::optional<timestamp> value); ///< RFC 3339, ms, UTC

    /// `value`: a JSON number's text already.
    json_object& number(std::string_view name, std::string_view value);

    /// The key alone: the caller appends the value to the same text.
    void key(std::string_view name);

private:
    std::string& json_;
    bool open_ = false;
};

} // namespace replmond::exposition
