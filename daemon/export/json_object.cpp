#include "daemon/export/json_object.hpp"

#include "daemon/export/event_line.hpp"
#include "daemon/model/number.hpp"

namespace replmond::exposition {

void json_object::key(std::string_view name) {
    if (open_)
        json_ += ',';
    open_ = true;
    append_json_string(json_, name);
    json_ += ':';
}

json_object& json_object::text(std::string_view name, std::optional<std::string_view> value) {
    if (value) {
        key(name);
        append_json_string(json_, *value);
    }
    return *this;
}

json_object& json_object::flag(std::string_view name, std::optional<bool> value) {
    return value ? number(name, *value ? "true" : "false") : *this;
}

json_object& json_object::count(std::string_view name, std::uint64_t value) {
    return number(name, std::to_string(value));
}

json_object& json_object::percentage(std::string_view name, std::optional<double> value) {
    return value ? number(name, to_shortest(*value)) : *this;
}

json_object& json_object::time(std::string_view name, std::optional<timestamp> value) {
    return value ? text(name, to_rfc3339(*value)) : *this;
}

json_object& json_object::number(std::string_view name, std::string_view value) {
    key(name);
    json_ += value;
    return *this;
}

} // namespace replmond::exposition
