// TLS of the client: which authorities are trusted, that the certificate is for the host, and what to tell
// the user if it is not.

#include "daemon/net/client/certificate_check.hpp"

#include "daemon/core/model/time.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <utility>

namespace replmond::client {

namespace ssl = boost::asio::ssl;

ssl::context make_tls_context(const std::optional<std::string>& ca_file) {
    ssl::context context(ssl::context::tls_client);
    context.set_verify_mode(ssl::verify_peer);
    context.set_default_verify_paths();
    if (ca_file) {
        boost::system::error_code error;
        context.load_verify_file(*ca_file, error);
        if (error)
            throw std::runtime_error(fmt::format("ca_file {}: {}", *ca_file, error.message()));
    }
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    return context;
}

namespace asio = boost::asio;

namespace {

constexpr int most_names = 5;
constexpr std::size_t most_bytes = 200;

int place_of_check() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

// OpenSSL itself checks the name (SSL_set1_host(3)), so that a mismatch has an error code of its own. A check
// in a verify callback would give an unspecific error.
bool expect(const std::string& host, SSL* handle) {
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    // An address is compared with the certificate's IP addresses (RFC 9110, section 4.3.5).
    if (!not_an_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
    // SNI carries names only, without a dot at their end (RFC 6066, section 3). Names in certificates have no
    // such dot either.
    const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    return SSL_set_tlsext_host_name(handle, name.c_str()) == 1 && SSL_set1_host(handle, name.c_str()) == 1;
}

// The text comes from the server's certificate, which may contain any bytes.
std::string visible(std::string text) {
    if (text.size() > most_bytes)
        text.resize(most_bytes);
    for (char& c : text) {
        if (c < ' ' || c > '~')
            c = '?';
    }
    return text;
}

std::string name_of(const X509_NAME* name) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return visible(std::string(bytes, static_cast<std::size_t>(size)));
}

std::string text_of(const GENERAL_NAME& name) {
    if (name.type == GEN_DNS) {
        const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.dNSName));
        return visible(std::string(bytes, static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName))));
    }
    if (name.type != GEN_IPADD)
        return "";
    const unsigned char* bytes = ASN1_STRING_get0_data(name.d.iPAddress);
    if (ASN1_STRING_length(name.d.iPAddress) == 4) {
        asio::ip::address_v4::bytes_type v4;
        std::copy(bytes, bytes + v4.size(), v4.begin());
        return asio::ip::address_v4(v4).to_string();
    }
    asio::ip::address_v6::bytes_type v6{};
    if (ASN1_STRING_length(name.d.iPAddress) != static_cast<int>(v6.size()))
        return "";
    std::copy(bytes, bytes + v6.size(), v6.begin());
    return asio::ip::address_v6(v6).to_string();
}

std::string names_in(const X509* certificate) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    std::string text;
    int shown = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const std::string name = text_of(*sk_GENERAL_NAME_value(names.get(), i));
        if (name.empty())
            continue;
        if (++shown > most_names)
            return text + ", ...";
        text += (text.empty() ? "" : ", ") + name;
    }
    return text.empty() ? "no name at all" : text;
}

std::optional<timestamp> moment(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return std::nullopt;
    return timestamp(std::chrono::seconds(timegm(&parts)));
}

std::string date(const ASN1_TIME* time) {
    const auto known = moment(time);
    return known ? to_rfc3339(*known) : "an unreadable date";
}

// If the server sends only its own certificate, an unknown authority and a missing intermediate certificate
// cannot be told apart.
std::string unknown_issuer(const X509* certificate, X509_STORE_CTX* at) {
    std::string text = fmt::format("its certificate is signed by \"{}\", which this host does not trust; if "
                                   "a private authority signed it, name its certificate in ca_file",
                                   name_of(X509_get_issuer_name(certificate)));
    const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(at);
    if (X509_STORE_CTX_get_error_depth(at) == 0 && sk_X509_num(sent) <= 1)
        text += ", else the server does not send its intermediate certificate";
    return text;
}

} // namespace

certificate_check::certificate_check(std::string host, SSL* handle)
    : host_(std::move(host)), handle_(handle), possible_(expect(host_, handle)) {
    SSL_set_ex_data(handle, place_of_check(), this);
    SSL_set_verify(handle, SSL_VERIFY_PEER, &certificate_check::on_verdict);
}

certificate_check::~certificate_check() {
    SSL_set_ex_data(handle_, place_of_check(), nullptr);
}

// Only records what OpenSSL found; the verdict stays as it is.
int certificate_check::on_verdict(int good, X509_STORE_CTX* at) {
    const auto* handle =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(at, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* check = static_cast<certificate_check*>(SSL_get_ex_data(handle, place_of_check()));
    if (good == 0 && check != nullptr)
        check->complaint_ = check->describe(at);
    return good;
}

std::string certificate_check::describe(X509_STORE_CTX* at) const {
    const int verdict = X509_STORE_CTX_get_error(at);
    const X509* certificate = X509_STORE_CTX_get_current_cert(at);
    if (certificate == nullptr)
        return X509_verify_cert_error_string(verdict);
    const std::string whose =
        X509_STORE_CTX_get_error_depth(at) == 0
            ? "its certificate"
            : fmt::format("the authority's certificate \"{}\"", name_of(X509_get_subject_name(certificate)));
    const std::string now = to_rfc3339(std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));
    switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return fmt::format("its certificate is for {}, not for {}; is the endpoint right?",
                           names_in(certificate), host_);
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return fmt::format(
            "{} has expired at {}, and here it is {}; if it should be valid, check this host's clock", whose,
            date(X509_get0_notAfter(certificate)), now);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return fmt::format("{} is not valid before {}, and here it is {}; check this host's clock", whose,
                           date(X509_get0_notBefore(certificate)), now);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return unknown_issuer(certificate, at);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "its certificate is self-signed; if that is intended, name it in ca_file";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return fmt::format("{} is not trusted here; if it is a private authority, name it in ca_file", whose);
    default:
        return fmt::format("{}: {}", whose, X509_verify_cert_error_string(verdict));
    }
}

std::optional<peer_certificate> certificate_of(const SSL* handle) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(handle),
                                                                  X509_free);
    if (!certificate)
        return std::nullopt;
    peer_certificate seen;
    seen.issuer = name_of(X509_get_issuer_name(certificate.get()));
    seen.expires_at = moment(X509_get0_notAfter(certificate.get()));
    return seen;
}

std::string tls_advice(const boost::system::error_code& error) {
    if (error.category() != asio::error::get_ssl_category())
        return "";
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "; TLS 1.2 or newer is needed";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
        return "; the server does not speak TLS there: is the port right?";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
        return "; the server accepts none of this host's ciphers, or wants a client's certificate";
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
        return "; the server knows no host of that name: is the endpoint right?";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "; a client's certificate is wanted, which replmond does not have: is a proxy in between?";
    default:
        return "";
    }
}

} // namespace replmond::client
