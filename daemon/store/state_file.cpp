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
#include <unistd.h>

namespace replmond::store {
namespace {

namespace fs = std::filesystem;

constexpr mode_t owner_and_group = 0640;

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

// A help for people only: a full disk must not keep the lock from being taken.
void note_holder(int descriptor) {
    const std::string text = fmt::format("{}\n", getpid());
    if (ftruncate(descriptor, 0) == 0)
        (void)!pwrite(descriptor, text.data(), text.size(), 0);
}

// A configuration file given by mistake, say: no database and no damaged one either. An SQLite file begins
// with text too, but has a NUL in its first 16 bytes.
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

// 20261122T043256Z
std::string compact(timestamp now) {
    std::string text = to_rfc3339(now);
    text.resize(text.find('.'));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + 'Z';
}

} // namespace

outcome<file_lock> file_lock::take(const std::string& path) {
    const std::string name = path + "-lock";
    const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_and_group);
    if (descriptor < 0)
        return unusable(fmt::format("cannot write {}: {}", name, std::strerror(errno)));
    file_lock taken(descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        note_holder(descriptor);
        return taken;
    }
    if (errno == EWOULDBLOCK)
        return store_error{trouble::locked,
                           "it is in use: is another replmond using it?" + holder_of(descriptor)};
    return unusable(fmt::format("cannot lock {}: {}", name, std::strerror(errno)));
}

file_lock::~file_lock() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

outcome<void> check_path(const std::string& path) {
    std::error_code ignored;
    const fs::path parent = fs::absolute(path).parent_path();
    if (!fs::is_directory(parent, ignored))
        return unusable(fmt::format("there is no directory {}", parent.string()));
    const fs::file_status status = fs::status(path, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        return unusable("it is no regular file");
    if (fs::exists(status) && is_text(path))
        return store_error{trouble::foreign, "it is a text file, no state file"};
    return {};
}

outcome<std::string> set_aside(const std::string& path, timestamp now) {
    const std::string name = fmt::format("{}.corrupt-{}", path, compact(now));
    std::string aside = name;
    std::error_code ignored;
    for (int more = 2; fs::exists(aside, ignored); ++more) // two in one second: both are kept
        aside = fmt::format("{}-{}", name, more);
    for (const char* part : {"-wal", "-shm", ""}) { // the file itself last: until then it is still found
        const std::string from = path + part;
        if (std::rename(from.c_str(), (aside + part).c_str()) != 0 && errno != ENOENT)
            return unusable(fmt::format("it is damaged, and cannot be renamed: {}", std::strerror(errno)));
    }
    return aside;
}

} // namespace replmond::store
