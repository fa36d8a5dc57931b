#include "daemon/export/text_piece.hpp"

namespace replmond::exposition {

std::uint64_t new_version() {
    static std::uint64_t last = 0; // all texts are made on one thread
    return ++last;
}

} // namespace replmond::exposition
