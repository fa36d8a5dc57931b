// Writes an event as one line of logfmt or JSON. Values may come from the cloud, so nothing in them may begin
// another line or key.

#include "daemon/core/web/log_line.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace replmond::web {

namespace {

constexpr std::size_t no_limit = std::string_view::npos;
constexpr std::string_view cut_mark = "\u2026"; // HORIZONTAL ELLIPSIS

// The limits for the size of a value with its quotes, in bytes. They are tried one after the other until the
// line fits.
constexpr std::array<std::size_t, 7> limits = {no_limit, 8192, 4096, 2048, 1024, 512, 256};

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// True if the character needs no quotes in logfmt. Non-ASCII characters do: U+0080..U+009F are control
// characters, and the rest may not be valid UTF-8.
bool is_plain(char c) {
    return !is_control(c) && static_cast<unsigned char>(c) < 0x80 && c != ' ' && c != '=' && c != '"';
}

// True for a character of several bytes that ends a line for some readers: U+0080..U+009F (C1 control
// characters), U+2028 and U+2029.
bool breaks_lines(std::string_view character) {
    if (character[0] == '\xC2')
        return static_cast<unsigned char>(character[1]) < 0xA0;
    return character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9";
}

std::string escape_of(std::string_view sequence) {
    if (sequence.size() == 2)
        return fmt::format("\\u00{:02x}", static_cast<unsigned char>(sequence[1]));
    return sequence.back() == '\xA8' ? "\\u2028" : "\\u2029";
}

// The length of the first character of `text`, which must be valid UTF-8.
std::size_t character_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

void append_character(std::string& line, std::string_view character) {
    const char c = character.front();
    if (character.size() > 1) {
        line += breaks_lines(character) ? escape_of(character) : std::string(character);
    } else if (is_control(c)) {
        fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
        if (c == '"' || c == '\\')
            line += '\\';
        line += c;
    }
}

// Both formats quote in the same way, so a quoted value has the same text in both. A value that would take
// more than `limit` bytes with its quotes is cut and ends with cut_mark.
void append_quoted(std::string& line, std::string_view value, std::size_t limit = no_limit) {
    constexpr std::size_t longest_escape = 6;
    const std::size_t begin = line.size();
    line += '"';
    std::string_view good = value.substr(0, valid_utf8_prefix(value));
    while (!value.empty()) {
        if (line.size() - begin + longest_escape > limit) {
            line += cut_mark;
            break;
        }
        if (good.empty()) {
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(value.front()));
            value.remove_prefix(1);
            good = value.substr(0, valid_utf8_prefix(value));
            continue;
        }
        const std::string_view character = good.substr(0, character_length(good));
        append_character(line, character);
        good.remove_prefix(character.size());
        value.remove_prefix(character.size());
    }
    line += '"';
}

// Calls `write(key, value)` for every key of the line, in its order.
template<class Write>
void each_key(const event& e, Write write) {
    write("time", field_value(to_rfc3339(e.time)));
    write("level", field_value(std::string(to_string(e.level))));
    write("msg", field_value(e.message));
    write("event", field_value(e.name));
    if (!e.project.empty())
        write("project", field_value(e.project));
    if (!e.starrocks_instance.empty())
        write("starrocks_instance", field_value(e.starrocks_instance));
    if (!e.task.empty())
        write("task", field_value(e.task));
    for (const auto& [key, value] : e.fields)
        write(key, value);
    if (e.id)
        write("event_id", field_value(decimal{std::to_string(*e.id)}));
}

std::string_view literal(bool value) {
    return value ? "true" : "false";
}

void append_plain_or_quoted(std::string& line, std::string_view value, std::size_t limit) {
    if (!value.empty() && value.size() <= limit && std::all_of(value.begin(), value.end(), is_plain))
        line += value;
    else
        append_quoted(line, value, limit);
}

// True if this key is left out, since with the smallest limit there is no room for it and for what follows.
// event_id is always written.
bool is_full(const std::string& line, std::string_view key, std::size_t limit) {
    return limit == limits.back() && line.size() + key.size() + 2 * limit > longest_line && key != "event_id";
}

std::string logfmt(const event& e, std::size_t limit) {
    std::string line;
    each_key(e, [&](std::string_view key, const field_value& value) {
        if (is_full(line, key, limit))
            return;
        if (!line.empty())
            line += ' ';
        line.append(key).append("=");
        if (key == "msg")
            // Always quoted (the contract, Log events).
            append_quoted(line, std::get<std::string>(value), limit);
        else if (const auto* text = std::get_if<std::string>(&value))
            append_plain_or_quoted(line, *text, limit);
        else if (const auto* number = std::get_if<decimal>(&value))
            line += number->text;
        else
            line += literal(std::get<bool>(value));
    });
    return line;
}

std::string json(const event& e, std::size_t limit) {
    std::string line = "{";
    each_key(e, [&](std::string_view key, const field_value& value) {
        if (is_full(line, key, limit))
            return;
        if (line.size() > 1)
            line += ',';
        append_json_string(line, key);
        line += ':';
        if (const auto* text = std::get_if<std::string>(&value))
            append_quoted(line, *text, limit);
        else if (const auto* number = std::get_if<decimal>(&value))
            line += number->text;
        else
            line += literal(std::get<bool>(value));
    });
    return line + '}';
}

// The line with the largest limit with which it fits. Short values are never cut, and all long values have
// the same limit. The same event always gives the same line.
template<class Write>
std::string fitting(Write write) {
    for (const std::size_t limit : limits) {
        std::string line = write(limit);
        if (line.size() <= longest_line)
            return line;
    }
    return write(limits.back());
}

} // namespace

void append_json_string(std::string& line, std::string_view value) {
    append_quoted(line, value);
}

std::string to_logfmt(const event& e) {
    return fitting([&e](std::size_t limit) { return logfmt(e, limit); });
}

std::string to_json(const event& e) {
    return fitting([&e](std::size_t limit) { return json(e, limit); });
}

std::string to_line(const event& e, log_format format) {
    return format == log_format::json ? to_json(e) : to_logfmt(e);
}

} // namespace replmond::web
