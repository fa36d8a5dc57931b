#pragma once

#include "daemon/config/problem.hpp"
#include "daemon/config/secret.hpp"
#include "daemon/config/web_settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

struct web_outcome {
    std::string file;                   ///< as it is named in messages
    std::optional<web_settings> loaded; ///< none where there is any problem
    std::vector<problem> problems;      ///< all of them, by position; no text holds a hash or a key
    std::vector<std::string> files;     ///< that were looked at, also where there is a problem
};

/// Every problem as it is printed, one a line.
std::vector<std::string> messages(const web_outcome& outcome);

/// The web configuration file of Prometheus' exporters (exporter-toolkit, docs/web-configuration.md) in
/// `text`, with what its files hold. Stricter: unknown keys, bad files and keys of other certificates are
/// mistakes, and so are `basic_auth_users` without a user. Empty: neither TLS nor passwords. As load_text()
/// in daemon/config/load.hpp.
web_outcome load_web_text(std::string_view text, std::string file, const lookup& from);

/// Reads the file at `path` by `from.read_file`; `from.directory` becomes the folder that it is in.
web_outcome load_web_file(const std::string& path, lookup from);

} // namespace replmond::config
