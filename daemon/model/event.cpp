#include "daemon/model/event.hpp"

namespace replmond {

std::string_view to_string(severity value) {
    switch (value) {
    case severity::debug:
        return "DEBUG";
    case severity::info:
        return "INFO";
    case severity::warn:
        return "WARN";
    case severity::error:
        break;
    }
    return "ERROR";
}

event& event::with(std::string key, std::string_view value) {
    fields.emplace_back(std::move(key), std::string(value));
    return *this;
}

event& event::with(std::string key, bool value) {
    fields.emplace_back(std::move(key), value);
    return *this;
}

event& event::with(std::string key, decimal value) {
    fields.emplace_back(std::move(key), std::move(value));
    return *this;
}

event& event::with(std::string key, std::int64_t value) {
    return with(std::move(key), decimal{std::to_string(value)});
}

const field_value* event::find(std::string_view key) const {
    for (const auto& [field, value] : fields) {
        if (field == key)
            return &value;
    }
    return nullptr;
}

} // namespace replmond
