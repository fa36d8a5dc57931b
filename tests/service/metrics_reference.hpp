#pragma once

#include <string>

namespace replmond::service {

/// docs/metrics.md, whole: every family that the daemon exports. A test holds the file to this text, another
/// one holds a live scrape to the file.
std::string metrics_reference();

} // namespace replmond::service
