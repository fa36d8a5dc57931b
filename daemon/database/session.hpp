#pragma once

#include "daemon/core/config/settings.hpp"
#include "daemon/core/lag/lag_tracker.hpp"
#include "daemon/core/model/time.hpp"

#include <memory>
#include <optional>
#include <string>

namespace replmond::database {

/// Where to log in, and as whom.
struct login {
    std::string host;
    int port = 3306;
    std::string user;
    std::string password;
    config::database_tls tls = config::database_tls::verify;
    std::string ca_file; ///< a path; empty: the system's authorities
};

/// The text of one column, or why there is none.
struct text_answer {
    std::optional<std::string> text;
    std::optional<lag::lag_failure> failure; ///< set if there is no text
};

/// A connection to a server that speaks MySQL's protocol, by MariaDB Connector/C. All functions block, but
/// for interrupt(). To be used by one thread at a time. The server's texts are cut and cleaned, and hold no
/// password.
///
/// It sends plain statements only: no prepared ones, no session variables, one statement at a time; LOAD DATA
/// LOCAL is refused. The password goes in clear text (mysql_clear_password) only over TLS. StarRocks differs
/// from MySQL in what it can (API.md, section 12); nothing is decided by the server's version.
class session {
public:
    session();
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Connects and logs in, within about `within`, which is rounded up to seconds. A failure is one of
    /// `auth`, `network`, `tls`, `timeout`, `protocol`.
    std::optional<lag::lag_failure> connect(const login& as, milliseconds within);

    /// False before connect(), and after a failure that ended the connection.
    bool is_connected() const;

    /// Runs a statement that gives one row with one column. Failures: `query`, `empty` (no row or NULL),
    /// `protocol`, and those of connect(), after which the connection is closed.
    text_answer select(const std::string& statement);

    /// Runs a statement that gives no rows. Failures as those of select().
    std::optional<lag::lag_failure> execute(const std::string& statement);

    /// Makes the statement that another thread waits for fail with `timeout`, by shutting the socket down.
    /// May be called from any thread. Does nothing while connecting.
    void interrupt();

private:
    struct connection;
    std::unique_ptr<connection> connection_;
};

} // namespace replmond::database
