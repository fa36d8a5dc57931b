#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace replmond::service {

/// Properties that change when a file does; cheaper than reading it.
struct file_stamp {
    std::uint64_t device = 0; ///< all 0: the file does not exist
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_seconds = 0;
    std::int64_t modified_nanoseconds = 0;
    std::int64_t changed_seconds = 0;
    std::int64_t changed_nanoseconds = 0;

    bool operator==(const file_stamp&) const = default;
};

/// One stamp for each path, in order.
std::vector<file_stamp> stamps_of(const std::vector<std::string>& paths);

/// Whether the files seem to be complete. Files are written in steps, and nothing marks the last one. A file
/// counts as settled if it has not changed for a second before `now`, or since the stamps in `before`, taken
/// a second ago or more. A missing file may be about to be created, so for it only the second rule counts.
bool have_settled(const std::vector<file_stamp>& stamps, const std::vector<file_stamp>& before,
                  std::chrono::system_clock::time_point now);

} // namespace replmond::service
