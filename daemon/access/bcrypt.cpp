#include "daemon/access/bcrypt.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <crypt.h>
#include <memory>
#include <string_view>

namespace replmond::access {

bool matches_bcrypt(const std::string& hash, const std::string& password) {
    const auto work = std::make_unique<crypt_data>(); // 32 KiB; zeroed, as crypt(3) wants it
    const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
    const std::string_view text = made == nullptr ? "" : made;
    const bool same = text.size() == hash.size() && CRYPTO_memcmp(text.data(), hash.data(), hash.size()) == 0;
    OPENSSL_cleanse(work.get(), sizeof *work);
    return same;
}

int bcrypt_cost(const std::string& hash) {
    return hash.size() < 6 ? 0 : (hash[4] - '0') * 10 + (hash[5] - '0');
}

std::string bcrypt_of_nobody(int cost) {
    return fmt::format("$2y${:02}$abcdefghijklmnopqrstuu{}", cost, std::string(31, '.'));
}

} // namespace replmond::access
