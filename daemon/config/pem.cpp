#include "daemon/config/pem.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>

namespace replmond::config {
namespace {

using bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using x509 = std::unique_ptr<X509, decltype(&X509_free)>;
using key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// OpenSSL would ask at the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

bio open(const std::string& pem) {
    return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

x509 next_certificate(BIO* from) {
    return {PEM_read_bio_X509(from, nullptr, no_password, nullptr), X509_free};
}

key read_key(const std::string& pem) {
    const bio from = open(pem);
    key read(PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
    ERR_clear_error();
    return read;
}

} // namespace

std::size_t certificates_in(const std::string& pem) {
    const bio from = open(pem);
    std::size_t count = 0;
    while (next_certificate(from.get()))
        ++count;
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return at_end ? count : 0;
}

bool has_private_key(const std::string& pem) {
    return read_key(pem) != nullptr;
}

bool key_belongs_to(const std::string& certificate_pem, const std::string& key_pem) {
    const bio from = open(certificate_pem);
    const x509 certificate = next_certificate(from.get());
    const key its = read_key(key_pem);
    const bool belongs = certificate && its && X509_check_private_key(certificate.get(), its.get()) == 1;
    ERR_clear_error();
    return belongs;
}

} // namespace replmond::config
