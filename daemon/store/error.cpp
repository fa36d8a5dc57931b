#include "daemon/store/error.hpp"

#include <stdexcept>

namespace replmond::store {

void throw_exception_from_error(const store_error& why, const boost::source_location&) {
    throw std::runtime_error("state: " + why.text);
}

} // namespace replmond::store
