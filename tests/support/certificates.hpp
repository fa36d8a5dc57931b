#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

/// Keys and certificates made on the spot: none is stored anywhere.
namespace replmond::testing {

struct certificate {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> x509;

    std::string pem() const;
    std::string key_pem(const std::string& password = "") const;
};

struct certificate_wish {
    std::string alternative_names = "DNS:localhost,IP:127.0.0.1"; // as in openssl.cnf
    long valid_from = -3600;                                      // seconds from now
    long valid_until = 3600;
};

/// A certificate authority of its own.
certificate make_authority(const std::string& name);

/// An authority that another one vouches for.
certificate make_intermediate(const std::string& name, const certificate& issuer);

/// A server's certificate, signed by `issuer`.
certificate make_certificate(const certificate& issuer, const certificate_wish& wish = {});

/// A client's.
certificate make_client_certificate(const certificate& issuer, const std::string& name);

} // namespace replmond::testing
