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

/// Reads the section `tls_server_config`. Nothing if it is not a map or has no keys; mistakes in it are
/// reported. The paths of the files that it names are appended to `files`.
std::optional<web_tls_settings> read_web_tls(const yaml_place& place, const lookup& from,
                                             std::vector<std::string>& files);

/// The result of loading a web configuration file.
struct web_outcome {
    std::string file;                   ///< the name of the file in messages
    std::optional<web_settings> loaded; ///< nothing if there is any problem
    std::vector<problem> problems;      ///< ordered by position; no text contains a hash or a key
    std::vector<std::string> files;     ///< all files that were read or tried, also if there is a problem
};

/// The problems as they are printed, one line for each.
std::vector<std::string> messages(const web_outcome& outcome);

/// Parses and checks the web configuration file of Prometheus' exporters (exporter-toolkit,
/// docs/web-configuration.md) in `text`, and reads the files that it names. It is stricter than the
/// exporters: unknown keys, bad files, keys of other certificates, and `basic_auth_users` without a user are
/// mistakes. An empty file means neither TLS nor passwords. The arguments and exceptions are those of
/// load_text() in load.hpp.
web_outcome load_web_text(std::string_view text, std::string file, const lookup& from);

/// Reads the file at `path` by `from.read_file`. `from.directory` is set to the folder of `path`.
web_outcome load_web_file(const std::string& path, lookup from);

} // namespace replmond::config
