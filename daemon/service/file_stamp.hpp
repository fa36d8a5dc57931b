#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace replmond::service {

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

/// Files are written in steps, and nobody says when one is whole. These seem to be: each has not changed for
/// a second before `now`, or not since it was looked at `before`, a second ago or more. A file that is not
/// there may be about to come: only the latter tells.
bool have_settled(const std::vector<file_stamp>& stamps, const std::vector<file_stamp>& before,
                  std::chrono::system_clock::time_point now);

} // namespace replmond::service
