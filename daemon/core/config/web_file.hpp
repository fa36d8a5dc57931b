#pragma once

#include "daemon/core/config/problem.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// `tls_server_config`. None where it is wrong, and where it has no keys. Files that are read are appended to
/// `files`.
std::optional<web_tls_settings> read_web_tls(const yaml_place& place, const lookup& from,
                                             std::vector<std::string>& files);

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
