#pragma once

#include "daemon/model/time.hpp"
#include "daemon/store/sqlite.hpp"

namespace replmond::store {

/// database::prune() says what it does.
outcome<bool> prune(connection& file, timestamp now, milliseconds retention);

} // namespace replmond::store
