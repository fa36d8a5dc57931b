// The server's TLS context, as the web configuration wants it.

#include "daemon/service/server_tls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::service {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using clients = config::client_certificates;

namespace {

struct holder {
    ssl::context context{ssl::context::tls_server};
    bool checks_clients = false;
    std::vector<std::string> client_sans;
};

std::string text_of(const ASN1_STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
    const std::string raw = text_of(bytes);
    if (raw.size() == 4) {
        asio::ip::address_v4::bytes_type four{};
        std::copy(raw.begin(), raw.end(), four.begin());
        return asio::ip::address_v4(four).to_string();
    }
    if (raw.size() != 16)
        return {};
    asio::ip::address_v6::bytes_type sixteen{};
    std::copy(raw.begin(), raw.end(), sixteen.begin());
    return asio::ip::address_v6(sixteen).to_string();
}

std::string name_of(const GENERAL_NAME& name) {
    switch (name.type) {
    case GEN_DNS:
        return text_of(name.d.dNSName);
    case GEN_EMAIL:
        return text_of(name.d.rfc822Name);
    case GEN_URI:
        return text_of(name.d.uniformResourceIdentifier);
    case GEN_IPADD:
        return address_of(name.d.iPAddress);
    default:
        return {};
    }
}

bool has_one_of(X509* certificate, const std::vector<std::string>& wanted) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const std::string name = name_of(*sk_GENERAL_NAME_value(names.get(), i));
        if (std::find(wanted.begin(), wanted.end(), name) != wanted.end())
            return true;
    }
    return false;
}

// Replaces OpenSSL's own check (SSL_CTX_set_cert_verify_callback(3)); called whenever a client sends a
// certificate.
int check_client(X509_STORE_CTX* chain, void* argument) {
    const auto& rules = *static_cast<const holder*>(argument);
    if (rules.checks_clients && X509_verify_cert(chain) != 1)
        return 0;
    const bool is_named =
        rules.client_sans.empty() || has_one_of(X509_STORE_CTX_get0_cert(chain), rules.client_sans);
    X509_STORE_CTX_set_error(chain, is_named ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return is_named ? 1 : 0;
}

// Only HTTP/1.1 is offered in ALPN (RFC 7301). A client that does not offer it is served nevertheless.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned offered_length, void*) {
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, length, ours.data(), ours.size(), offered, offered_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

int version_of(config::tls_version version) {
    return version == config::tls_version::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

void check(bool done, const char* what) {
    if (!done)
        throw std::runtime_error(fmt::format("tls_server_config: OpenSSL cannot use {}", what));
}

void ask_for_clients(holder& made, const config::web_tls_settings& settings) {
    made.checks_clients =
        settings.clients == clients::checked_if_given || settings.clients == clients::needed_and_checked;
    made.client_sans = settings.client_sans;
    const bool is_needed =
        settings.clients == clients::needed || settings.clients == clients::needed_and_checked;
    SSL_CTX* native = made.context.native_handle();
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER | (is_needed ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    SSL_CTX_set_cert_verify_callback(native, check_client, &made);
    if (!settings.client_ca.empty())
        made.context.add_certificate_authority(asio::buffer(settings.client_ca));
}

} // namespace

std::shared_ptr<ssl::context> make_server_tls(const config::web_tls_settings& settings) {
    auto made = std::make_shared<holder>();
    SSL_CTX* native = made->context.native_handle();
    made->context.use_certificate_chain(asio::buffer(settings.certificate));
    made->context.use_private_key(asio::buffer(settings.key), ssl::context::pem);

    check(SSL_CTX_set_min_proto_version(native, version_of(settings.min_version)) == 1, "min_version");
    check(SSL_CTX_set_max_proto_version(native, version_of(settings.max_version)) == 1, "max_version");
    std::string ciphers = fmt::format("{}", fmt::join(settings.ciphers, ":"));
    if (ciphers.empty())
        ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
    check(SSL_CTX_set_cipher_list(native, ciphers.c_str()) == 1, "cipher_suites");
    if (!settings.curves.empty())
        check(SSL_CTX_set1_groups_list(native, fmt::format("{}", fmt::join(settings.curves, ":")).c_str()) ==
                  1,
              "curve_preferences");
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (settings.server_prefers)
        SSL_CTX_set_options(native, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    // No sessions are resumed, so a client's certificate is checked in every connection.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(native, 0);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    if (settings.clients != clients::unasked)
        ask_for_clients(*made, settings);
    return {made, &made->context};
}

} // namespace replmond::service
