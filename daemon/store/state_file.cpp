// The state file in the file system: locks, permissions, leftovers, and whether it still has its name.

#include "daemon/store/state_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace replmond::store {

namespace {

namespace fs = std::filesystem;

constexpr mode_t owner_only = 0600;
// The file itself last, so that it is still found if a rename before fails.
constexpr std::array parts = {"-wal", "-shm", ""};

store_error unusable(std::string text) {
    return {trouble::unusable, std::move(text)};
}

std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t length = pread(descriptor, text.data(), text.size() - 1, 0);
    const std::string_view read(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    const std::size_t digits = std::min(read.find_first_not_of("0123456789"), read.size());
    return digits == 0 ? std::string() : fmt::format(" (process {})", read.substr(0, digits));
}

// For people only, so errors are ignored: a full disk must not prevent the lock.
void note_holder(int descriptor) {
    const std::string text = fmt::format("{}\n", getpid());
    if (ftruncate(descriptor, 0) == 0)
        (void)!pwrite(descriptor, text.data(), text.size(), 0);
}

// A text file, for example the configuration given by mistake, is neither a database nor a damaged one. An
// SQLite file begins with text too, but has a NUL in its first 16 bytes (SQLite documentation, "Database File
// Format").
bool is_text(const std::string& path) {
    std::array<char, 512> head{};
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), head.size());
    const auto end = head.begin() + file.gcount();
    return end != head.begin() && std::none_of(head.begin(), end, [](char c) {
               return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
                      c == 0x7F || static_cast<unsigned char>(c) >= 0xF5;
           });
}

// For example 20261122T043256Z.
std::string compact(timestamp now) {
    std::string text = to_rfc3339(now);
    text.resize(text.find('.'));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + 'Z';
}

} // namespace

outcome<file_lock> file_lock::take(const std::string& path) {
    const std::string name = path + "-lock";
    const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
    if (descriptor < 0)
        return unusable(fmt::format("cannot write {}: {}", name, std::strerror(errno)));
    file_lock taken(descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        note_holder(descriptor);
        return taken;
    }
    if (errno == EWOULDBLOCK)
        return store_error{trouble::locked,
                           "it is in use; is another replmond using it?" + holder_of(descriptor)};
    return unusable(fmt::format("cannot lock {}: {}", name, std::strerror(errno)));
}

outcome<file_lock> file_lock::take_itself(const std::string& path) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            return unusable(fmt::format("cannot read it: {}", std::strerror(errno)));
        file_lock taken(descriptor);
        // A file system without flock() still has the lock on PATH-lock.
        if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            return store_error{trouble::locked, "it is in use; is another replmond using it?"};
        if (taken.is_of(path))
            return taken;
        // It was removed or replaced between open() and flock(): try again.
    }
}

file_lock::~file_lock() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

bool file_lock::is_of(const std::string& path) const {
    struct stat locked {};
    struct stat named {};
    if (fstat(descriptor_, &locked) != 0)
        return false;
    if (stat(path.c_str(), &named) != 0) // without permission to look: taken as unchanged
        return errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
    return locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

outcome<void> check_path(const std::string& path) {
    std::error_code ignored;
    const fs::path parent = fs::absolute(path).parent_path();
    if (!fs::is_directory(parent, ignored))
        return unusable(fmt::format("there is no directory {}", parent.string()));
    const fs::file_status status = fs::status(path, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        return unusable("it is not a regular file");
    if (fs::exists(status) && is_text(path))
        return store_error{trouble::foreign, "it is a text file, not a state file"};
    return {};
}

void keep_private(const std::string& path) {
    for (const char* part : {"", "-wal", "-shm", "-lock"}) {
        const std::string name = path + part;
        struct stat found {};
        if (stat(name.c_str(), &found) == 0 && (found.st_mode & 077) != 0)
            (void)!chmod(name.c_str(), found.st_mode & 0700);
    }
}

bool is_empty_file(const std::string& path) {
    struct stat found {};
    return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_size == 0;
}

outcome<void> make_private_file(const std::string& path) {
    for (const char* part : parts)
        (void)::unlink((path + part).c_str());
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (descriptor < 0)
        return unusable(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    close(descriptor);
    return {};
}

void remove_leftovers(const std::string& path) {
    for (const char* part : {"-wal", "-shm"})
        (void)::unlink((path + part).c_str());
}

void remove_empty_log(const std::string& path) {
    if (is_empty_file(path + "-wal"))
        remove_leftovers(path);
}

outcome<void> put_in_place(const std::string& from, const std::string& path) {
    if (std::rename(from.c_str(), path.c_str()) != 0)
        return unusable(fmt::format("cannot rename {}: {}", from, std::strerror(errno)));
    const std::string directory = fs::absolute(path).parent_path().string();
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) { // SQLite also ignores a directory that it cannot open
        (void)!fsync(descriptor);
        close(descriptor);
    }
    return {};
}

outcome<std::string> set_aside(const std::string& path, timestamp now) {
    const std::string name = fmt::format("{}.corrupt-{}", path, compact(now));
    std::string aside = name;
    std::error_code ignored;
    for (int more = 2; fs::exists(aside, ignored); ++more) // two within one second: both are kept
        aside = fmt::format("{}-{}", name, more);
    for (const char* part : parts) {
        const std::string from = path + part;
        if (std::rename(from.c_str(), (aside + part).c_str()) != 0 && errno != ENOENT)
            return unusable(fmt::format("it is damaged, and cannot be renamed: {}", std::strerror(errno)));
    }
    return aside;
}

} // namespace replmond::store
