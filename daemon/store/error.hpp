#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace replmond::store {

/// What kind of trouble the state file is in: each asks for another answer.
enum class trouble {
    locked,   ///< another process has it
    newer,    ///< written by a newer replmond
    foreign,  ///< a file of something else
    unusable, ///< no directory, no permission, read-only
    corrupt,  ///< damaged; what was in it cannot be trusted. Also: no statement of ours makes sense in it
    gone,     ///< removed, or another file has its name
    full,     ///< no space left
    io        ///< everything else
};

struct store_error {
    trouble kind = trouble::io;
    std::string text; ///< for people, one line
};

/// What the store hands out: a value, or why there is none.
template<class T>
using outcome = boost::system::result<T, store_error>;

/// Called by outcome::value() where there is none: reading it is a bug.
[[noreturn]] void throw_exception_from_error(const store_error& why, const boost::source_location& where);

} // namespace replmond::store
