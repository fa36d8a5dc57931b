// What a static binary does before main(), so that it starts on any Linux: docs/install.md has what is lost
// by it.

#include <openssl/ssl.h>

#include <cstdlib>
#include <initializer_list>
#include <nss.h>
#include <unistd.h>

namespace {

// Where distributions keep the certificates that they trust, in the order of Go's crypto/x509
// (root_linux.go).
void choose_trust_store() {
    if (std::getenv("SSL_CERT_FILE") != nullptr)
        return;
    for (const char* file : {"/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine
                             "/etc/pki/tls/certs/ca-bundle.crt",   // EulerOS, CentOS, Fedora, RHEL 6
                             "/etc/ssl/ca-bundle.pem",             // SUSE
                             "/etc/pki/tls/cacert.pem",            // OpenELEC
                             "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7 and later
                             "/etc/ssl/cert.pem"}) {                              // Alpine
        if (access(file, R_OK) == 0) {
            setenv("SSL_CERT_FILE", file, 1);
            return;
        }
    }
}

[[gnu::constructor]] void start() {
    // nsswitch.conf may name modules of the host's C library (resolve, myhostname), which a static one loads
    // and crashes with.
    __nss_configure_lookup("hosts", "files dns");
    // openssl.cnf may name engines and providers of the host's OpenSSL, for which the same holds.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    choose_trust_store();
}

} // namespace
