#include "daemon/access/file_stamp.hpp"

#include <sys/stat.h>

namespace replmond::access {

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

} // namespace replmond::access
