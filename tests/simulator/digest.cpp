#include "tests/simulator/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace replmond::simulator {
namespace {

constexpr std::size_t block_size = 64;

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string digest_of(std::string_view bytes, const EVP_MD* algorithm, const char* name) {
    std::string digest(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), &size, algorithm, nullptr) != 1 ||
        size != digest.size())
        throw std::runtime_error(std::string(name) + " is not available");
    return digest;
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
    return digest_of(bytes, EVP_sha256(), "SHA-256");
}

std::string sha1(std::string_view bytes) {
    return digest_of(bytes, EVP_sha1(), "SHA-1");
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
