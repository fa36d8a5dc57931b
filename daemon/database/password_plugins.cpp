// The client's side of MySQL's authentication plugins caching_sha2_password and mysql_clear_password (MySQL
// 8.0, Caching SHA-2 Pluggable Authentication; MySQL Internals, Authentication Method).

#include "daemon/database/password_plugins.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstring>
#include <mariadb/mysql.h>
#include <memory>
#include <mysql/plugin_auth.h>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::database {

namespace {

constexpr std::size_t nonce_size = 20;
// What the server sends after the scrambled password.
constexpr unsigned char more_data = 1;
constexpr unsigned char wants_public_key = 2;
constexpr unsigned char knows_the_password = 3;
constexpr unsigned char wants_the_password = 4;

using digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

digest sha256(std::string_view text) {
    digest made;
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), made.data());
    return made;
}

std::string_view view_of(const digest& of) {
    return {reinterpret_cast<const char*>(of.data()), of.size()};
}

// XOR(SHA256(password), SHA256(SHA256(SHA256(password)) + nonce))
digest scramble(std::string_view password, std::string_view nonce) {
    digest first = sha256(password);
    std::string salted(view_of(sha256(view_of(first))));
    salted += nonce;
    const digest second = sha256(salted);
    for (std::size_t i = 0; i < first.size(); ++i)
        first[i] ^= second[i];
    return first;
}

bool send(MYSQL_PLUGIN_VIO* vio, const void* data, std::size_t size) {
    return vio->write_packet(vio, static_cast<const unsigned char*>(data), static_cast<int>(size)) == 0;
}

// With the NUL behind it.
bool send_password(MYSQL_PLUGIN_VIO* vio, const char* password) {
    return send(vio, password, std::strlen(password) + 1);
}

using key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using key_context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

key read_public_key(std::string_view pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> from(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    return {PEM_read_bio_PUBKEY(from.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

// RSA with OAEP padding, of the password with its NUL, XORed with the nonce. Empty if the key cannot be used.
std::string encrypted(const char* password, std::string_view nonce, std::string_view pem) {
    const key with = read_public_key(pem);
    const key_context context(with ? EVP_PKEY_CTX_new(with.get(), nullptr) : nullptr, EVP_PKEY_CTX_free);
    std::string plain(password, std::strlen(password) + 1);
    for (std::size_t i = 0; i < plain.size(); ++i)
        plain[i] = static_cast<char>(plain[i] ^ nonce[i % nonce.size()]);
    std::string cipher;
    const auto* in = reinterpret_cast<const unsigned char*>(plain.data());
    std::size_t size = 0;
    if (context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
        EVP_PKEY_encrypt(context.get(), nullptr, &size, in, plain.size()) == 1) {
        cipher.resize(size);
        if (EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(cipher.data()), &size, in,
                             plain.size()) != 1)
            size = 0;
        cipher.resize(size);
    }
    OPENSSL_cleanse(plain.data(), plain.size());
    return cipher;
}

std::optional<std::string> read(MYSQL_PLUGIN_VIO* vio) {
    unsigned char* packet = nullptr;
    const int size = vio->read_packet(vio, &packet);
    if (size < 0)
        return std::nullopt;
    return std::string(reinterpret_cast<const char*>(packet), static_cast<std::size_t>(size));
}

bool is_over_tls(MYSQL* mysql) {
    return mysql_get_ssl_cipher(mysql) != nullptr;
}

// The server does not know the password's digest (any more): it wants the password itself.
bool send_whole_password(MYSQL_PLUGIN_VIO* vio, MYSQL* mysql, std::string_view nonce) {
    if (is_over_tls(mysql))
        return send_password(vio, mysql->passwd);
    if (!send(vio, &wants_public_key, 1))
        return false;
    const auto answer = read(vio);
    if (!answer || answer->empty() || static_cast<unsigned char>(answer->front()) != more_data)
        return false;
    const std::string cipher = encrypted(mysql->passwd, nonce, std::string_view(*answer).substr(1));
    return !cipher.empty() && send(vio, cipher.data(), cipher.size());
}

int caching_sha2(MYSQL_PLUGIN_VIO* vio, MYSQL* mysql) {
    const auto greeting = read(vio);
    if (!greeting || greeting->size() < nonce_size)
        return CR_ERROR;
    const std::string nonce = greeting->substr(0, nonce_size);
    const std::string_view password = mysql->passwd;
    if (password.empty())
        return send(vio, "", 1) ? CR_OK : CR_ERROR;
    const digest scrambled = scramble(password, nonce);
    if (!send(vio, scrambled.data(), scrambled.size()))
        return CR_ERROR;
    const auto verdict = read(vio);
    if (!verdict)
        return CR_ERROR;
    if (verdict->empty() || static_cast<unsigned char>(verdict->front()) != more_data)
        return CR_OK_HANDSHAKE_COMPLETE; // the server's verdict, which the library reads
    const unsigned char word = verdict->size() > 1 ? static_cast<unsigned char>((*verdict)[1]) : 0;
    if (word == knows_the_password)
        return CR_OK;
    if (word != wants_the_password)
        return CR_ERROR;
    return send_whole_password(vio, mysql, nonce) ? CR_OK : CR_ERROR;
}

// The library allows it only over TLS (allowed_password_plugins()). It is looked at once more here.
int clear_password(MYSQL_PLUGIN_VIO* vio, MYSQL* mysql) {
    if (!is_over_tls(mysql))
        return CR_ERROR;
    return send_password(vio, mysql->passwd) ? CR_OK : CR_ERROR;
}

// The library's st_mysql_client_plugin_AUTHENTICATION. Its header client_plugin.h cannot be included:
// Debian's package lacks a header that it includes.
struct password_plugin {
    int type = 2;                        // MYSQL_CLIENT_AUTHENTICATION_PLUGIN
    unsigned interface_version = 0x0100; // MYSQL_CLIENT_AUTHENTICATION_PLUGIN_INTERFACE_VERSION
    const char* name;
    const char* author = "replmond";
    const char* description = "built into replmond";
    unsigned version[3] = {1, 0, 0};
    const char* license = "Apache-2.0";
    void* library_api = nullptr;
    int (*begin)(char*, std::size_t, int, va_list) = nullptr;
    int (*end)() = nullptr;
    int (*options)(const char*, const void*) = nullptr;
    int (*authenticate)(MYSQL_PLUGIN_VIO*, MYSQL*);

    password_plugin(const char* called, int (*how)(MYSQL_PLUGIN_VIO*, MYSQL*))
        : name(called), authenticate(how) {}
};

password_plugin sha2_plugin("caching_sha2_password", caching_sha2);
password_plugin clear_plugin("mysql_clear_password", clear_password);

} // namespace

void register_password_plugins() {
    MYSQL* const reports_errors = mysql_init(nullptr);
    for (password_plugin* plugin : {&sha2_plugin, &clear_plugin})
        mysql_client_register_plugin(reports_errors, reinterpret_cast<st_mysql_client_plugin*>(plugin));
    mysql_close(reports_errors);
}

const char* allowed_password_plugins(bool over_tls) {
    return over_tls ? "mysql_native_password,caching_sha2_password,mysql_clear_password"
                    : "mysql_native_password,caching_sha2_password";
}

} // namespace replmond::database
