#include "tests/simulator/load_meter.hpp"

#include <algorithm>

namespace replmond::simulator {

void load_meter::count(const testing::request& asked, testing::script& answer) {
    most_requests_ = std::max(most_requests_, ++*requests_);
    answer.until_done = std::shared_ptr<void>(nullptr, [open = requests_](void*) { --*open; });

    std::erase_if(connections_, [](const auto& known) { return known.second.expired(); });
    connections_.insert_or_assign(asked.connection, asked.connection_life);
    most_connections_ = std::max(most_connections_, open_connections());
}

void load_meter::forget() {
    most_requests_ = *requests_;
    most_connections_ = open_connections();
}

boost::json::object load_meter::to_json() const {
    return {{"requests", *requests_},
            {"most_requests", most_requests_},
            {"connections", open_connections()},
            {"most_connections", most_connections_}};
}

std::size_t load_meter::open_connections() const {
    return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                  [](const auto& known) { return !known.second.expired(); }));
}

} // namespace replmond::simulator
