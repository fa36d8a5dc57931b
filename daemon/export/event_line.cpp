#include "daemon/export/event_line.hpp"

#include "daemon/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace replmond::exposition {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Bytes >= 0x80 are not plain: U+0080..U+009F are controls too, and all else may be anything.
bool is_plain(char c) {
    return !is_control(c) && static_cast<unsigned char>(c) < 0x80 && c != ' ' && c != '=' && c != '"';
}

// U+0080..U+009F (C1 controls) and U+2028, U+2029 end a line for some readers.
std::size_t line_breaking_length(std::string_view text) {
    if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0)
        return 2;
    if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9"))
        return 3;
    return 0;
}

std::string escape_of(std::string_view sequence) {
    if (sequence.size() == 2)
        return fmt::format("\\u00{:02x}", static_cast<unsigned char>(sequence[1]));
    return sequence.back() == '\xA8' ? "\\u2028" : "\\u2029";
}

// Both formats quote alike, so that a value reads the same in both.
void append_quoted(std::string& line, std::string_view value) {
    line += '"';
    while (!value.empty()) {
        const std::string_view good = value.substr(0, valid_utf8_prefix(value));
        for (std::size_t i = 0; i < good.size(); ++i) {
            const char c = good[i];
            if (const std::size_t length = line_breaking_length(good.substr(i)); length > 0) {
                line += escape_of(good.substr(i, length));
                i += length - 1;
            } else if (is_control(c)) {
                fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(c));
            } else {
                if (c == '"' || c == '\\')
                    line += '\\';
                line += c;
            }
        }
        value.remove_prefix(good.size());
        if (!value.empty()) {
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(value.front()));
            value.remove_prefix(1);
        }
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

} // namespace

void append_logfmt_value(std::string& line, std::string_view value) {
    if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain))
        line += value;
    else
        append_quoted(line, value);
}

void append_json_string(std::string& line, std::string_view value) {
    append_quoted(line, value);
}

std::string to_logfmt(const event& e) {
    std::string line;
    each_key(e, [&line](std::string_view key, const field_value& value) {
        if (!line.empty())
            line += ' ';
        line.append(key).append("=");
        if (key == "msg")
            append_quoted(line, std::get<std::string>(value)); // always, as the contract writes it
        else if (const auto* text = std::get_if<std::string>(&value))
            append_logfmt_value(line, *text);
        else if (const auto* number = std::get_if<decimal>(&value))
            line += number->text;
        else
            line += literal(std::get<bool>(value));
    });
    return line;
}

std::string to_json(const event& e) {
    std::string line = "{";
    each_key(e, [&line](std::string_view key, const field_value& value) {
        if (line.size() > 1)
            line += ',';
        append_json_string(line, key);
        line += ':';
        if (const auto* text = std::get_if<std::string>(&value))
            append_json_string(line, *text);
        else if (const auto* number = std::get_if<decimal>(&value))
            line += number->text;
        else
            line += literal(std::get<bool>(value));
    });
    return line + '}';
}

std::string to_line(const event& e, log_format format) {
    return format == log_format::json ? to_json(e) : to_logfmt(e);
}

} // namespace replmond::exposition
