#pragma once

#include "daemon/core/model/time.hpp"
#include "daemon/store/sqlite.hpp"

#include <string>
#include <utility>

/// The state file as a file: who has it, what it is, where it goes when it is damaged.
namespace replmond::store {

/// Held by the one process that writes; the system lets go of it however the process ends. There are two.
/// One is on a file of its own, `PATH-lock`, and is there before the state file is. The other is on the state
/// file itself, since a file beside it may be removed. Readers take neither.
class file_lock {
public:
    /// `PATH-lock`. Fails with trouble::locked, and says which process has it.
    static outcome<file_lock> take(const std::string& path);

    /// The state file itself, which exists. To be taken before SQLite opens it and to be let go of after
    /// SQLite has closed it: closing any descriptor of a file ends SQLite's own locks on it.
    static outcome<file_lock> take_itself(const std::string& path);

    /// Of nothing.
    file_lock() : descriptor_(-1) {}

    file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    file_lock& operator=(file_lock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file_lock();

    /// False where the file that is locked has that name no more: it was removed, or replaced. Where nobody
    /// may look, it is taken to be there.
    bool is_of(const std::string& path) const;

private:
    explicit file_lock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// Refuses what cannot become or be a state file: no directory, no regular file, text.
outcome<void> check_path(const std::string& path);

/// Nothing of it is readable by anybody but its owner from now on: the file, what SQLite keeps beside it and
/// the lock. Where that cannot be changed (another owner) it stays as it is.
void keep_private(const std::string& path);

/// A file without a byte. No start leaves one behind: a new file gets its name when its tables are in it.
bool is_empty_file(const std::string& path);

/// Makes an empty file, readable by its owner only, in the place of any of that name.
outcome<void> make_private_file(const std::string& path);

/// Gives a file that is closed its final name. Durable when it returns.
outcome<void> put_in_place(const std::string& from, const std::string& path);

/// Nothing that SQLite keeps beside a file is left where there is no file any more: it would be taken for the
/// next one's.
void remove_leftovers(const std::string& path);

/// As remove_leftovers(), of a log that is empty: it was not that of the file that is there.
void remove_empty_log(const std::string& path);

/// Renames the file, and what SQLite keeps beside it, to `PATH.corrupt-20261122T043256Z`. Returns the new
/// name.
outcome<std::string> set_aside(const std::string& path, timestamp now);

} // namespace replmond::store
