#pragma once

#include "daemon/core/config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace replmond::config {

struct file_outcome {
    std::string content;
    std::error_code error; ///< set: `content` means nothing
};

/// The world outside of the configuration file, so that tests can put their own in its place.
struct lookup {
    std::function<std::optional<std::string>(const std::string& name)> environment;
    std::function<file_outcome(const std::string& path)> read_file;
    /// The configuration file itself, at a start; empty: as every other file.
    std::function<file_outcome(const std::string& path)> read_at_start;
    std::string directory; ///< of the config file: relative paths are looked up beside it
};

struct secret_outcome {
    std::optional<std::string> secret;
    std::string failure; ///< where there is none: why, never with a part of it
};

/// Fetches a secret anew. A relative file is looked up in $CREDENTIALS_DIRECTORY when that is set and has it,
/// else beside the config file; one trailing newline of a file is dropped. Empty secrets, those of more than
/// 64 KiB, and secrets with line breaks, NUL or ill-formed UTF-8 are refused.
secret_outcome read_secret(const secret_source& source, const lookup& from);

/// What is odd about a secret, as a warning that shows no part of it; empty where nothing is: blanks or
/// quotes around it, `${NAME}`, which nobody replaces, or a name before it as in `sk=…`.
std::string doubt_about_secret(std::string_view secret);

struct found_file {
    std::string path; ///< where it was looked for last
    std::string content;
    std::string failure; ///< empty: none
};

/// Looks a file up as read_secret() does, and takes whatever is in it.
found_file find_file(const std::string& path, const lookup& from);

/// `path` itself when absolute, else below the config file's directory.
std::string beside_config(const std::string& path, const lookup& from);

} // namespace replmond::config
