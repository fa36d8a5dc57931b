#pragma once

#include <string>
#include <string_view>

namespace replmond::web {

/// A file of the status page. CMake puts the files of daemon/core/web/assets into the binary.
struct asset {
    std::string_view name;
    std::string_view type;    ///< Content-Type
    std::string_view version; ///< changes whenever the content changes
    std::string_view content;
};

/// Null if there is no asset of that name.
const asset* find_asset(std::string_view name);

/// The relative link from the status page to an asset. It contains the version, so that browsers may cache
/// the asset without limit.
std::string link_to_asset(std::string_view name);

} // namespace replmond::web
