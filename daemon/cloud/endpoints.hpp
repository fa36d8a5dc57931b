#pragma once

#include <string>
#include <string_view>

/// Where a region's services are (the regions lists of the official Go and Python SDKs). The prefix of the
/// TaurusDB service differs between regions.
namespace replmond::cloud {

/// `https://<prefix>.<region>.myhuaweicloud.com`, or .eu for the European site; prefix `gaussdb` where the
/// region is not known.
std::string default_endpoint(std::string_view region);

/// `https://iam.<region>.myhuaweicloud.com` where the region has one, or .eu for the European site; else the
/// global `https://iam.myhuaweicloud.com`.
std::string default_iam_endpoint(std::string_view region);

/// For a host of the TaurusDB service that does not exist or does not know it: a sentence that names the same
/// region's hosts with the other two prefixes. Empty for every other host; `host` is in lower case.
std::string other_prefixes_hint(std::string_view host);

} // namespace replmond::cloud
