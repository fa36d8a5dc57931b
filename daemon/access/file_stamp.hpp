#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace replmond::access {

/// What changes with a file: cheaper than to read it.
struct file_stamp {
    std::uint64_t device = 0; ///< all 0: it is not there
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_seconds = 0;
    std::int64_t modified_nanoseconds = 0;
    std::int64_t changed_seconds = 0;
    std::int64_t changed_nanoseconds = 0;

    bool operator==(const file_stamp&) const = default;
};

std::vector<file_stamp> stamps_of(const std::vector<std::string>& paths);

} // namespace replmond::access
