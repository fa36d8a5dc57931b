#pragma once

#include "daemon/core/model/time.hpp"
#include "daemon/store/sqlite.hpp"

#include <string>
#include <utility>

/// The state file in the file system: who holds it, what kind of file it is, and where a damaged one goes.
namespace replmond::store {

/// A lock of the one process that writes the state file; the system releases it however the process ends.
/// There are two. One is on a separate file, `PATH-lock`, and exists before the state file does. The other is
/// on the state file itself, because a separate file may be removed. Readers take neither.
class file_lock {
public:
    /// Locks `PATH-lock`. Fails with trouble::locked, and names the process that holds it.
    static outcome<file_lock> take(const std::string& path);

    /// Locks the state file itself, which must exist. To be taken before SQLite opens the file and released
    /// after SQLite has closed it: closing any descriptor of a file releases SQLite's own locks on it (SQLite
    /// documentation, "How To Corrupt An SQLite Database File").
    static outcome<file_lock> take_itself(const std::string& path);

    /// Holds nothing.
    file_lock() : descriptor_(-1) {}

    file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    file_lock& operator=(file_lock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file_lock();

    /// False if the locked file does not have that name any more: it was removed or replaced. True if that
    /// cannot be found out.
    bool is_of(const std::string& path) const;

private:
    explicit file_lock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// Fails if `path` is not a state file and cannot become one: the directory is missing, or the file is a text
/// or no regular file.
outcome<void> check_path(const std::string& path);

/// Takes all permissions from group and others on the file, its -wal and -shm, and the lock file. Does
/// nothing where that is not possible, for example for a file of another owner.
void keep_private(const std::string& path);

/// Whether the file has no bytes. replmond leaves no empty file: a new one gets its name when its tables are
/// in it.
bool is_empty_file(const std::string& path);

/// Creates an empty file that only its owner can read, in place of any file with that name.
outcome<void> make_private_file(const std::string& path);

/// Renames a closed file to its final name. Durable when it returns.
outcome<void> put_in_place(const std::string& from, const std::string& path);

/// Removes -wal and -shm where the file itself does not exist any more: SQLite would take them for those of
/// the next file.
void remove_leftovers(const std::string& path);

/// Like remove_leftovers(), but only if the log is empty: then it does not belong to the file that is there.
void remove_empty_log(const std::string& path);

/// Renames the file, its -wal and its -shm to `PATH.corrupt-20261122T043256Z`. Returns the new name.
outcome<std::string> set_aside(const std::string& path, timestamp now);

} // namespace replmond::store
