#pragma once

#include "daemon/core/model/event.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace replmond::web {

/// In bytes, without the newline and the journal's priority prefix. Some readers of log lines have buffers of
/// 16 KiB.
inline constexpr std::size_t longest_line = 16'000;

enum class log_format { logfmt, json };

/// One log line without its newline (the contract, Log events): time, level, msg, event, project,
/// starrocks_instance, task, the fields, event_id. In logfmt a value is quoted if it is empty or has a space,
/// '=', '"', a control or a non-ASCII character; in quotes '"' and '\' are escaped, and control characters
/// and bytes that are not UTF-8 are written as \u00XX. So no value can start a new line or a new key. The
/// line has at most longest_line bytes: long values are cut between characters and end with an ellipsis; keys
/// that do not fit even then are left out.
std::string to_line(const event& e, log_format format);
std::string to_logfmt(const event& e);
std::string to_json(const event& e);

/// Appends a JSON string with its quotes (RFC 8259 7). Bytes that are not UTF-8 become \u00XX, so that the
/// line is valid JSON.
void append_json_string(std::string& line, std::string_view value);

} // namespace replmond::web
