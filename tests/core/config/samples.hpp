#pragma once

#include "daemon/core/config/secret.hpp"

#include <string>

namespace replmond::config {

/// A made-up world for configuration tests, in /etc/test: the files good, empty, two-lines, binary, denied,
/// ca.pem and cut.pem, the variables TEST_GOOD, TEST_EMPTY and TEST_TWO_LINES. Its secrets all contain
/// "hunter".
lookup sample_lookup();

/// One of the files of the made-up world.
std::string read_sample_file(const std::string& name);

/// The whole file; the test fails where it cannot be read.
std::string read_sample(const std::string& path);

} // namespace replmond::config
