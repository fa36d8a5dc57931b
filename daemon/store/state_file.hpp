#pragma once

#include "daemon/model/time.hpp"
#include "daemon/store/error.hpp"

#include <string>
#include <utility>

/// The state file as a file: who has it, what it is, where it goes when it is damaged.
namespace replmond::store {

/// Held by the one process that writes. It is on a file of its own beside the state file, `PATH-lock`, so
/// that readers are not kept out; the system lets go of it however the process ends.
class file_lock {
public:
    /// Fails with trouble::locked, and says which process has it.
    static outcome<file_lock> take(const std::string& path);

    file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    file_lock& operator=(file_lock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file_lock();

private:
    explicit file_lock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// Refuses what cannot become or be a state file: no directory, no regular file, text.
outcome<void> check_path(const std::string& path);

/// Renames the file, and what SQLite keeps beside it, to `PATH.corrupt-20261122T043256Z`. Returns the new
/// name.
outcome<std::string> set_aside(const std::string& path, timestamp now);

} // namespace replmond::store
