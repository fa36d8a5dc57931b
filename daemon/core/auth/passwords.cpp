// Parses the Authorization header of HTTP Basic authentication (RFC 7617) and checks bcrypt hashes with
// crypt(3).

#include "daemon/core/auth/passwords.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <crypt.h>
#include <cstdint>
#include <memory>
#include <string_view>

namespace replmond::auth {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Base64 (RFC 4648 4). Missing padding is accepted.
std::optional<std::string> decode_base64(std::string_view text) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos)
            return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU);
        }
    }
    return bytes;
}

} // namespace

std::optional<basic_credentials> parse_basic(std::string_view header) {
    // The scheme is case-insensitive, and one or more spaces follow it (RFC 9110 11.1 and 11.4).
    const std::size_t space = header.find(' ');
    if (space == std::string_view::npos || to_lower_ascii(header.substr(0, space)) != "basic")
        return std::nullopt;
    const std::size_t begin = header.find_first_not_of(' ', space);
    if (begin == std::string_view::npos)
        return std::nullopt;
    const auto decoded = decode_base64(header.substr(begin));
    if (!decoded)
        return std::nullopt;
    // The name ends at the first colon; the password may contain more (RFC 7617 2). A NUL is refused, because
    // crypt(3) would ignore everything after it.
    const std::size_t colon = decoded->find(':');
    if (colon == std::string::npos || decoded->find('\0') != std::string::npos)
        return std::nullopt;
    return basic_credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

bool matches_bcrypt(const std::string& hash, const std::string& password) {
    // 32 KiB; must be zero before the first use (crypt_r(3)).
    const auto work = std::make_unique<crypt_data>();
    const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
    const std::string_view text = made == nullptr ? "" : made;
    const bool same = text.size() == hash.size() && CRYPTO_memcmp(text.data(), hash.data(), hash.size()) == 0;
    OPENSSL_cleanse(work.get(), sizeof *work);
    return same;
}

// A bcrypt hash begins with `$2y$10$`: the two digits are the cost.
int bcrypt_cost(const std::string& hash) {
    return hash.size() < 6 ? 0 : (hash[4] - '0') * 10 + (hash[5] - '0');
}

// The salt is arbitrary; the 31 characters after it are a hash of zero bits.
std::string unmatchable_bcrypt_hash(int cost) {
    return fmt::format("$2y${:02}$abcdefghijklmnopqrstuu{}", cost, std::string(31, '.'));
}

} // namespace replmond::auth
