#pragma once

#include "daemon/core/config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace replmond::config {

/// The content of a file, or the error from reading it.
struct file_outcome {
    std::string content;
    std::error_code error;            ///< if set, `content` is not valid
    std::error_code error_again = {}; ///< of a pipe or a device: what read_file() would say of it
};

/// The environment and the file system, which tests replace by their own.
struct lookup {
    std::function<std::optional<std::string>(const std::string& name)> environment;
    std::function<file_outcome(const std::string& path)> read_file;
    /// Reads the configuration file itself at the start; empty: it is read by read_file.
    std::function<file_outcome(const std::string& path)> read_at_start;
    std::string directory; ///< the folder of the configuration file, where relative paths start
};

/// A secret, or why it could not be read.
struct secret_outcome {
    std::optional<std::string> secret;
    std::string failure; ///< why there is no secret; never contains a part of one
};

/// Reads a secret (the contract, Configuration). A file with a relative path is first looked up in
/// $CREDENTIALS_DIRECTORY, if that is set, then beside the configuration file. One trailing newline of a file
/// is dropped. Refused: empty secrets, more than 64 KiB, line breaks, NUL, ill-formed UTF-8.
secret_outcome read_secret(const secret_source& source, const lookup& from);

/// A warning about a secret that is probably a mistake; it contains no part of the secret. Empty if there is
/// none. It warns of blanks or quotes around the secret, of `${NAME}`, which is not replaced, and of a name
/// before it as in `sk=…`.
std::string doubt_about_secret(std::string_view secret);

/// A file that was looked up, with its content or why it could not be read.
struct found_file {
    std::string path; ///< the path that was tried last
    std::string content;
    std::string failure; ///< empty: the file was read
};

/// The paths where read_secret() looks for a file, in order: in $CREDENTIALS_DIRECTORY, if that is set and
/// `path` is relative, then beside the configuration file.
std::vector<std::string> candidates_for(const std::string& path, const lookup& from);

/// Looks up a file in the same places as read_secret(), without checking its content.
found_file find_file(const std::string& path, const lookup& from);

/// `path` itself if it is absolute, else `path` below the configuration file's folder.
std::string beside_config(const std::string& path, const lookup& from);

} // namespace replmond::config
