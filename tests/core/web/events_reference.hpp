#pragma once

#include <string>

namespace replmond::web {

/// docs/events.md, whole: every event, its level and keys, and an example line. A test holds the file to this
/// text; the end-to-end tests hold the lines of the daemon to the file.
std::string events_reference();

} // namespace replmond::web
