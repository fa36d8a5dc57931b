#pragma once

/// How passwords are sent to a server. MariaDB Connector/C has mysql_native_password built in. The other two
/// are ours, since Debian has them as modules only, which a static binary cannot load.
namespace replmond::database {

/// Makes caching_sha2_password and mysql_clear_password known to the library. Once for the process.
void register_password_plugins();

/// The names of the plugins that a server may ask for, separated by commas. Without TLS
/// mysql_clear_password is not among them.
const char* allowed_password_plugins(bool over_tls);

} // namespace replmond::database
