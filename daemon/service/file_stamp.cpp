// Detects changes of files without reading them.

#include "daemon/service/file_stamp.hpp"

#include <cstddef>
#include <sys/stat.h>

namespace replmond::service {

std::vector<file_stamp> stamps_of(const std::vector<std::string>& paths) {
    std::vector<file_stamp> stamps;
    for (const std::string& path : paths) {
        file_stamp& stamp = stamps.emplace_back();
        struct stat file {};
        if (stat(path.c_str(), &file) != 0)
            continue;
        stamp.device = file.st_dev;
        stamp.inode = file.st_ino;
        stamp.size = file.st_size;
        stamp.modified_seconds = file.st_mtim.tv_sec;
        stamp.modified_nanoseconds = file.st_mtim.tv_nsec;
        stamp.changed_seconds = file.st_ctim.tv_sec;
        stamp.changed_nanoseconds = file.st_ctim.tv_nsec;
    }
    return stamps;
}

bool have_settled(const std::vector<file_stamp>& stamps, const std::vector<file_stamp>& before,
                  std::chrono::system_clock::time_point now) {
    constexpr auto a_while = std::chrono::seconds(1);
    for (std::size_t i = 0; i < stamps.size(); ++i) {
        const file_stamp& stamp = stamps[i];
        const bool is_there = stamp != file_stamp();
        const std::chrono::system_clock::time_point changed{
            std::chrono::seconds(stamp.changed_seconds) +
            std::chrono::duration_cast<std::chrono::system_clock::duration>(
                std::chrono::nanoseconds(stamp.changed_nanoseconds))};
        const bool was_left_alone = is_there && changed + a_while <= now;
        const bool is_as_before = stamps.size() == before.size() && stamp == before[i];
        if (!was_left_alone && !is_as_before)
            return false;
    }
    return true;
}

} // namespace replmond::service
