#pragma once

#include <string>
#include <string_view>

namespace replmond::simulator {

/// Lower-case hex digits.
std::string hex(std::string_view bytes);

/// SHA-256 and HMAC-SHA-256, as 32 bytes. Throw std::runtime_error where OpenSSL fails.
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// SHA-1 as 20 bytes: what MySQL's native password is made of. Throws alike.
std::string sha1(std::string_view bytes);

} // namespace replmond::simulator
