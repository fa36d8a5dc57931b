#pragma once

#include <string>
#include <string_view>

/// Where a region's services are (API.md, section 6). The prefix of the TaurusDB service differs between
/// regions.
namespace replmond::cloud {

/// `https://<prefix>.<region>.myhuaweicloud.com`, or .eu for the European site; prefix `gaussdb` where the
/// region is not known.
std::string default_endpoint(std::string_view region);

} // namespace replmond::cloud
