#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What --web.config.file says: who may read the pages, and how. Nothing of it is ever printed.
namespace replmond::config {

enum class client_certificates { unasked, asked, needed, checked_if_given, needed_and_checked };

enum class tls_version { tls12, tls13 };

struct web_tls_settings {
    std::string certificate; ///< PEM, with its intermediates behind it
    std::string key;         ///< PEM, the certificate's
    client_certificates clients = client_certificates::unasked;
    std::string client_ca; ///< PEM; empty: none
    std::vector<std::string>
        client_sans; ///< one of them must be in a client's certificate; empty: any may be
    tls_version min_version = tls_version::tls12;
    tls_version max_version = tls_version::tls13;
    std::vector<std::string> ciphers; ///< of TLS 1.2, by OpenSSL's names; empty: the good ones
    std::vector<std::string> curves;  ///< by OpenSSL's names; empty: OpenSSL's own
    bool server_prefers = true;       ///< the order of `ciphers` rather than the client's
};

struct web_user {
    std::string name;
    std::string hash; ///< bcrypt
};

struct web_settings {
    std::optional<web_tls_settings> tls;
    std::vector<std::pair<std::string, std::string>> headers; ///< of every answer
    std::vector<web_user> users;                              ///< none: no password is asked for
    bool says_nothing = false;                                ///< the file is empty, or holds only comments
    std::vector<std::string> files; ///< where all of that stands; a change of any is a change of it
};

} // namespace replmond::config
