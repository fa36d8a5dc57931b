#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace replmond::http {

/// One element of a header such as Accept, Accept-Encoding or Accept-Language: `value;version=…;q=0.5` (RFC
/// 9110 12.4.2), in lower case.
struct preference {
    std::string value;
    std::string version; ///< the parameter `version` of a media type; empty: any
    double weight = 1;   ///< 0..1; 0: not acceptable, also for a weight that cannot be read
};

/// The elements of the header in their order. Empty elements are left out.
std::vector<preference> parse_preferences(std::string_view header);

} // namespace replmond::http
