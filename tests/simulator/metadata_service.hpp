#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/key_issuer.hpp"
#include "tests/simulator/key_ring.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// What a virtual machine learns of its agency: temporary keys, and the service's own tokens, which guard
/// them. Lives of both go by in virtual time.
class metadata_service {
public:
    explicit metadata_service(metadata_spec spec) : settings_(std::move(spec)) {}

    const metadata_spec& settings() const { return settings_; }
    void change(metadata_spec settings) { settings_ = std::move(settings); }

    std::string issue_token(std::chrono::seconds ttl, virtual_time now);
    bool knows_token(std::string_view token, virtual_time now) const;
    void forget_tokens() { tokens_.clear(); }

    /// The key that is handed out: the one before while more than a tenth of its life is left and nobody has
    /// rotated, else a new one, which `keys` accepts from then on until it expires.
    const temporary_key& hand_out(key_ring& keys, const instant& at);

    /// The next key handed out is a new one; the others stay good.
    void rotate() { current_.reset(); }

    /// Ends every key issued so far.
    void revoke(key_ring& keys, virtual_time now);

    boost::json::object to_json(virtual_time now) const;

private:
    metadata_spec settings_;
    std::map<std::string, virtual_time, std::less<>> tokens_; // and when they end
    std::uint64_t tokens_issued_ = 0;
    std::optional<temporary_key> current_;
    key_issuer issuer_;
};

std::string_view name_of(metadata_mode mode);
std::optional<metadata_mode> metadata_mode_named(std::string_view name);

/// What a service that knows no tokens may answer to a request for one.
bool is_plain_status(std::int64_t status);

} // namespace replmond::simulator
