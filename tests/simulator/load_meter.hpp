#pragma once

#include "tests/support/exchange.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <map>
#include <memory>

namespace replmond::simulator {

/// How many API requests are answered at the same time, and over how many connections. A connection counts
/// from its first API request until it is closed; one that never asks is not seen.
class load_meter {
public:
    load_meter() : requests_(std::make_shared<std::size_t>(0)) {}

    /// Counts a request; it is over once `answer`, and so what this puts into it, is gone.
    void count(const testing::request& request, testing::script& answer);

    /// The most so far become what is now.
    void forget();

    boost::json::object to_json() const;

private:
    std::size_t open_connections() const;

    std::shared_ptr<std::size_t>
        requests_; // being answered; shared with those who will say that they are done
    std::size_t most_requests_ = 0;
    std::map<std::size_t, std::weak_ptr<const void>> connections_;
    std::size_t most_connections_ = 0;
};

} // namespace replmond::simulator
