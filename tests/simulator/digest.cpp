#include "tests/simulator/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace replmond::simulator {
namespace {

constexpr std::size_t digest_size = 32;
constexpr std::size_t block_size = 64;

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

} // namespace

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

std::string sha256(std::string_view bytes) {
    std::string digest(digest_size, '\0');
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), &size, EVP_sha256(), nullptr) != 1 ||
        size != digest_size)
        throw std::runtime_error("SHA-256 is not available");
    return digest;
}

// RFC 2104, two hashes.
std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string block(key.size() > block_size ? sha256(key) : std::string(key));
    block.resize(block_size, '\0');
    std::string inner = block;
    std::string outer = block;
    for (std::size_t i = 0; i < block_size; ++i) {
        inner[i] = static_cast<char>(block[i] ^ 0x36);
        outer[i] = static_cast<char>(block[i] ^ 0x5C);
    }
    return sha256(outer + sha256(inner.append(bytes)));
}

} // namespace replmond::simulator
