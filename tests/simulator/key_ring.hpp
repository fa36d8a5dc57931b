#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/refusal.hpp"
#include "tests/simulator/signature.hpp"
#include "tests/support/exchange.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// The access keys and their locks: more than 5 failures in a row of one key lock it for 5 virtual minutes,
/// during which good signatures are refused as well. Every refusal of a known key that is not locked counts
/// as a failure.
class key_ring {
public:
    explicit key_ring(const std::vector<key_spec>& keys);

    /// Checks the signature of a request whose Authorization header is `header`. Nothing where it is good.
    std::optional<refusal> check(const testing::request& request, const std::string& header,
                                 const instant& at);

    /// Adds a key or replaces its secrets; the lock stays.
    void put(const key_spec& key);
    void remove(std::string_view access);
    void unlock(std::string_view access);
    const key_spec* find(std::string_view access) const;

    boost::json::array to_json(virtual_time now) const;

private:
    struct entry {
        key_spec key;
        std::int64_t failures = 0; // in a row
        std::optional<virtual_time> locked_until;
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0; // while locked or not
        std::uint64_t refused_while_locked = 0;
    };

    std::map<std::string, entry, std::less<>> entries_;
};

} // namespace replmond::simulator
