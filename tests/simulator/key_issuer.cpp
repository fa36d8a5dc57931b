// Temporary keys, as the metadata service, a pod identity and IAM issue them.
#include "tests/simulator/key_issuer.hpp"

#include "tests/simulator/digest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace replmond::simulator {
namespace {

// Text as long as real ones are, with all the characters of base64 that need care in headers and queries.
std::string make_security_token(std::string_view access) {
    std::string token = "gQpjbi1ub3J0aC00+/";
    for (int block = 0; block < 12; ++block)
        token += hex(sha256(fmt::format("security token {} block {}", access, block))) + "/+";
    return token + "==";
}

} // namespace

temporary_key key_issuer::issue(key_ring& keys, std::string_view access, std::string_view secret,
                                virtual_time lifetime, const instant& at) {
    const std::string suffix = issued_.empty() ? "" : std::to_string(issued_.size() + 1);
    key_spec key;
    key.access = std::string(access) + suffix;
    key.secret = std::string(secret) + suffix;
    key.security_token = make_security_token(key.access);
    key.expires = at.now + lifetime;
    keys.put(key);
    issued_.push_back(key.access);
    return {std::move(key), lifetime, at.shown + lifetime};
}

void key_issuer::revoke(key_ring& keys, virtual_time now) const {
    for (const auto& access : issued_) {
        const auto* known = keys.find(access);
        if (!known)
            continue;
        key_spec ended = *known;
        ended.expires = std::min(now, ended.expires.value_or(now));
        keys.put(ended);
    }
}

} // namespace replmond::simulator
