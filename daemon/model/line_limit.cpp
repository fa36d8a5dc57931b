// How often the log says the same.
#include "daemon/model/line_limit.hpp"

#include <utility>

namespace replmond {

std::optional<std::uint64_t> line_limit::admit(std::string_view kind, time now) {
    auto found = kinds_.find(kind);
    if (found == kinds_.end())
        found = kinds_.emplace(kind, entry{now, 0}).first;
    entry& of = found->second;
    ++of.unsaid;
    if (now < of.next)
        return std::nullopt;
    of.next = now + interval_;
    return std::exchange(of.unsaid, 0);
}

} // namespace replmond
