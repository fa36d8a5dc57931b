#pragma once

#include "daemon/core/model/event.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace replmond::web {

/// Bytes, without the newline and what the journal wants before it: readers of lines have buffers of 16 KiB.
inline constexpr std::size_t longest_line = 16'000;

enum class log_format { logfmt, json };

/// One line without its newline: time, level, msg, event, project, starrocks_instance, task, the fields,
/// event_id. A value of logfmt is as it is, or quoted where it is empty or has a space, '=', '"', a control
/// or a non-ASCII character; '"' and '\' escaped, controls and bytes that are no UTF-8 as \u00XX. Nothing in
/// any value can start a new line or a new key. At most longest_line bytes: long values are cut between
/// characters, with an ellipsis at their end, and what even then has no room is left out.
std::string to_line(const event& e, log_format format);
std::string to_logfmt(const event& e);
std::string to_json(const event& e);

/// A JSON string with its quotes. Bytes that are no UTF-8 become \u00XX too: the line stays valid JSON.
void append_json_string(std::string& line, std::string_view value);

} // namespace replmond::web
