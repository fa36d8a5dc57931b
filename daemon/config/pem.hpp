#pragma once

#include <cstddef>
#include <string>

/// Whether PEM text holds what it should. Pure: files are read elsewhere.
namespace replmond::config {

/// Certificates in `pem`, 0 where one of them cannot be read.
std::size_t certificates_in(const std::string& pem);

/// An unencrypted private key is in `pem`.
bool has_private_key(const std::string& pem);

/// `key_pem` is the key of the first certificate in `certificate_pem`.
bool key_belongs_to(const std::string& certificate_pem, const std::string& key_pem);

} // namespace replmond::config
