#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/refusal.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::simulator {

/// Who asks, once that is proven.
struct caller {
    std::string name;                   // requests are counted by it
    std::optional<std::string> project; // the only one that this token is good for
    bool domain_only = false;           // a token without a project
};

/// The tokens that IAM has issued, and those of the scenario, which live for ever until they are revoked.
class token_store {
public:
    /// How a revoked token is refused.
    enum class ending { must_be_updated, cannot_be_decrypted };

    struct issued {
        std::string token; // several KiB
        wall_time issued_at;
        wall_time expires_at; // on the cloud's clock as it shows now; what counts is virtual time
    };

    explicit token_store(const access_spec& spec);

    issued issue(const caller& who, const instant& at);

    std::variant<caller, refusal> check(std::string_view token, const instant& at) const;

    void add(std::string_view token); // one more that lives for ever
    bool revoke(std::string_view token, ending how);
    void revoke_issued(ending how);
    void revoke_all(ending how);
    void set_lifetime(virtual_time lifetime) { lifetime_ = lifetime; }

    /// Tokens shortened to their last 16 characters.
    boost::json::array to_json(virtual_time now) const;

private:
    struct entry {
        caller who;
        std::optional<virtual_time> expires; // none: lives for ever
        wall_time expires_at;
        std::optional<ending> revoked;
    };

    virtual_time lifetime_;
    std::uint64_t count_ = 0;
    std::map<std::string, entry, std::less<>> entries_;
};

} // namespace replmond::simulator
