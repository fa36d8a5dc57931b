// Writes a file at once: under another name beside it, then renamed. What is no regular file is written into.

#include "daemon/cli/write_report.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace replmond::cli {

namespace {

std::string system_error_of(int number) {
    return std::generic_category().message(number);
}

// The number of the error; 0: everything was written.
int write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// A pipe or a terminal, which keeps nothing that could be synchronized.
std::string write_into(const std::string& path, std::string_view text) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int error = file < 0 ? errno : write_all(file, text);
    if (file >= 0 && close(file) != 0 && error == 0)
        error = errno;
    return error == 0 ? "" : fmt::format("cannot write {}: {}", path, system_error_of(error));
}

} // namespace

std::string write_report(const std::string& given, std::string_view text) {
    std::error_code missing;
    const auto at = std::filesystem::canonical(given, missing); // a link stays one: its file is replaced
    const std::string path = missing ? given : at.string();
    if (!missing && !std::filesystem::is_regular_file(at, missing))
        return write_into(path, text);
    std::string beside = path + ".XXXXXX";
    const int file = mkstemp(beside.data()); // with mode 0600
    if (file < 0)
        return fmt::format("cannot write {}: {}", path, system_error_of(errno));
    int error = write_all(file, text);
    if (error == 0 && fsync(file) != 0)
        error = errno;
    if (close(file) != 0 && error == 0)
        error = errno;
    if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0)
        error = errno;
    if (error == 0)
        return "";
    unlink(beside.c_str());
    return fmt::format("cannot write {}: {}", path, system_error_of(error));
}

} // namespace replmond::cli
