#include "tests/support/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace replmond::testing {
namespace {

void check(bool ok, const char* what) {
    if (!ok)
        throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void extend(X509* subject, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr, "extension");
    X509_add_ext(subject, extension, -1);
    X509_EXTENSION_free(extension);
}

// Unsigned, with a fresh key.
certificate draft(const std::string& name, const certificate_wish& wish) {
    static long serial = 0;
    certificate made;
    made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    check(made.key != nullptr, "key");
    made.x509.reset(X509_new(), X509_free);
    X509* x509 = made.x509.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x509), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(x509), wish.valid_until);
    X509_set_pubkey(x509, made.key.get());
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, text, -1, -1, 0);
    return made;
}

void sign(const certificate& made, const certificate& issuer) {
    X509_set_issuer_name(made.x509.get(), X509_get_subject_name(issuer.x509.get()));
    check(X509_sign(made.x509.get(), issuer.key.get(), EVP_sha256()) != 0, "signature");
}

void become_authority(const certificate& made, const certificate& issuer) {
    extend(made.x509.get(), issuer.x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(made.x509.get(), issuer.x509.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(made, issuer);
}

} // namespace

std::string certificate::pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    check(PEM_write_bio_X509(memory.get(), x509.get()) == 1, "PEM");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return std::string(bytes, static_cast<std::size_t>(size));
}

std::string certificate::key_pem(const std::string& password) const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    const auto* secret = reinterpret_cast<const unsigned char*>(password.data());
    const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
    check(PEM_write_bio_PrivateKey(memory.get(), key.get(), cipher, password.empty() ? nullptr : secret,
                                   static_cast<int>(password.size()), nullptr, nullptr) == 1,
          "PEM");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return std::string(bytes, static_cast<std::size_t>(size));
}

certificate make_authority(const std::string& name) {
    certificate made = draft(name, {});
    become_authority(made, made);
    return made;
}

certificate make_intermediate(const std::string& name, const certificate& issuer) {
    certificate made = draft(name, {});
    become_authority(made, issuer);
    return made;
}

certificate make_certificate(const certificate& issuer, const certificate_wish& wish) {
    certificate made = draft("replmond test server", wish);
    extend(made.x509.get(), issuer.x509.get(), NID_subject_alt_name, wish.alternative_names);
    extend(made.x509.get(), issuer.x509.get(), NID_ext_key_usage, "serverAuth");
    sign(made, issuer);
    return made;
}

certificate make_client_certificate(const certificate& issuer, const std::string& name) {
    certificate made = draft(name, {});
    extend(made.x509.get(), issuer.x509.get(), NID_subject_alt_name, "DNS:" + name + ",email:me@" + name);
    extend(made.x509.get(), issuer.x509.get(), NID_ext_key_usage, "clientAuth");
    sign(made, issuer);
    return made;
}

} // namespace replmond::testing
