#pragma once

#include "daemon/core/config/secret.hpp"

#include <map>
#include <string>

namespace replmond::config {

/// What files held when they were read, by path: a digest of the content, or why it could not be read. Two
/// readings that found the same are equal. No content can be made out from it.
using file_digests = std::map<std::string, std::string>;

/// A copy of `from` that also notes in `into` what every file held. A pipe that is read at the start counts
/// as unreadable, as it is afterwards. `into` must outlive the copy.
lookup noting_files(lookup from, file_digests& into);

/// Reads the same files again.
file_digests read_again(const file_digests& before, const lookup& from);

} // namespace replmond::config
