// Events: how they are made, how much memory they take, and how often events of one kind are logged.

#include "daemon/core/model/event.hpp"

#include <utility>

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

event make_event(event_name name, severity level, timestamp time, std::string message, std::string project,
                 std::string instance, std::string task) {
    event e;
    e.name = name.text();
    e.level = level;
    e.time = time;
    e.message = std::move(message);
    e.project = std::move(project);
    e.starrocks_instance = std::move(instance);
    e.task = std::move(task);
    return e;
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

std::size_t bytes_of(const event& e) {
    std::size_t bytes = sizeof(event) + e.name.size() + e.message.size() + e.project.size() +
                        e.starrocks_instance.size() + e.task.size();
    for (const auto& [key, value] : e.fields) {
        bytes += sizeof(e.fields.front()) + key.size();
        if (const auto* text = std::get_if<std::string>(&value))
            bytes += text->size();
        else if (const auto* number = std::get_if<decimal>(&value))
            bytes += number->text.size();
    }
    return bytes;
}

std::optional<std::uint64_t> line_limit::admit(std::string_view kind, time now) {
    auto found = kinds_.find(kind);
    if (found == kinds_.end())
        found = kinds_.emplace(kind, entry{now, 0}).first;
    entry& of = found->second;
    ++of.suppressed;
    if (now < of.next)
        return std::nullopt;
    of.next = now + interval_;
    return std::exchange(of.suppressed, 0);
}

} // namespace replmond
