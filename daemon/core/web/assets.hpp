#pragma once

#include <string>
#include <string_view>

namespace replmond::web {

/// A file of the status page, part of the binary: daemon/export/assets, put in by CMake.
struct asset {
    std::string_view name;
    std::string_view type;    ///< Content-Type
    std::string_view version; ///< of the content: another content, another version
    std::string_view content;
};

/// Null where there is none of that name.
const asset* find_asset(std::string_view name);

/// From the status page; with the version, so that it can be kept for ever.
std::string link_to_asset(std::string_view name);

} // namespace replmond::web
