#pragma once

#include <string>
#include <string_view>

namespace replmond::exposition {

/// `text` as one gzip member (RFC 1952), at the fastest level: a scrape is read once.
std::string gzip(std::string_view text);

} // namespace replmond::exposition
