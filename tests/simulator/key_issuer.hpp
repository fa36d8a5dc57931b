#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/key_ring.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// A temporary key as it was issued.
struct temporary_key {
    key_spec key;
    virtual_time lifetime;
    wall_time expires_at; // on the shown clock as it was when the key was issued
};

/// Issues temporary keys, which a key ring accepts from then on until they expire in virtual time.
class key_issuer {
public:
    /// The first key has `access` and `secret` as they are; the next ones end in their number.
    temporary_key issue(key_ring& keys, std::string_view access, std::string_view secret,
                        virtual_time lifetime, const instant& at);

    /// Ends every key issued so far.
    void revoke(key_ring& keys, virtual_time now) const;

    /// The access keys, in order.
    const std::vector<std::string>& issued() const { return issued_; }

private:
    std::vector<std::string> issued_;
};

} // namespace replmond::simulator
