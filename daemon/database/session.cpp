// A connection to StarRocks or TaurusDB by MariaDB Connector/C. Boost.MySQL insists on capabilities that
// StarRocks does not have (API.md, section 12).

#include "daemon/database/session.hpp"

#include "daemon/core/cloud/secret_mask.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/database/password_plugins.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <mariadb/errmsg.h>
#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>
#include <mutex>
#include <sys/socket.h>
#include <utility>

namespace replmond::database {

using lag::lag_failure;

namespace {

constexpr unsigned long largest_answer = 4 * 1024 * 1024; // bytes; more ends the connection
constexpr std::size_t longest_text = 300;                 // bytes of a server's text
constexpr auto nowhere = "/nonexistent";                  // where plugins are looked for

// Once for the process, and before other threads use the library.
void begin_library() {
    static const bool begun = [] {
        mysql_library_init(0, nullptr, nullptr);
        register_password_plugins();
        return true;
    }();
    (void)begun;
}

// Servers have these numbers; the headers of the library do not.
constexpr unsigned mysql_account_locked = 3118;
constexpr unsigned mariadb_account_locked = 4151;

bool is_login_refusal(unsigned number) {
    switch (number) {
    case ER_HOST_NOT_PRIVILEGED:
    case ER_USER_LIMIT_REACHED:
    case ER_NOT_SUPPORTED_AUTH_MODE:
    case mysql_account_locked:
    case mariadb_account_locked:
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_MUST_CHANGE_PASSWORD:
    case ER_MUST_CHANGE_PASSWORD_LOGIN:
    case CR_AUTH_PLUGIN_CANNOT_LOAD:
    case CR_AUTH_PLUGIN_ERR:
    case CR_PLUGIN_NOT_ALLOWED:
    case CR_SECURE_AUTH:
        return true;
    default:
        return false;
    }
}

// Whether the library made this error. Its second range is also that of StarRocks' own errors: 5502 is an
// unknown table. What the library has there concerns logging in.
bool is_of_the_client(unsigned number, bool statement) {
    return (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) ||
           (!statement && number >= CER_MIN_ERROR && number <= CER_MAX_ERROR);
}

// After the login, an error of TLS is a connection that was cut.
lag_result result_of_client_error(unsigned number, bool statement) {
    switch (number) {
    case CR_SSL_CONNECTION_ERROR:
        return statement ? lag_result::network : lag_result::tls;
    case CR_VERSION_ERROR:
    case CR_MALFORMED_PACKET:
    case CR_SERVER_HANDSHAKE_ERR:
    case CR_NET_PACKET_TOO_LARGE:
    case CR_COMMANDS_OUT_OF_SYNC:
        return lag_result::protocol;
    default:
        return is_login_refusal(number) ? lag_result::auth : lag_result::network;
    }
}

unsigned whole_seconds(milliseconds within) {
    return static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(within).count());
}

// Controls become blanks: the text goes into one line of the log.
std::string clean(std::string_view text) {
    std::string cleaned = cut_between_characters(text, longest_text);
    cleaned.resize(valid_utf8_prefix(cleaned));
    for (char& c : cleaned) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = ' ';
    }
    return std::string(trimmed(cleaned));
}

} // namespace

struct session::connection {
    MYSQL* handle = nullptr;
    cloud::secret_mask mask;
    std::mutex mutex; ///< guards `socket` and `interrupted`
    int socket = -1;  ///< while connected
    bool interrupted = false;

    ~connection() { close(); }

    void close() {
        {
            const std::lock_guard lock(mutex);
            socket = -1;
        }
        if (handle != nullptr)
            mysql_close(handle);
        handle = nullptr;
    }

    bool was_interrupted() {
        const std::lock_guard lock(mutex);
        return interrupted;
    }

    // The error of the call before. `statement`: it was a statement, which the server may have refused.
    lag_failure failure_now(bool statement) {
        const unsigned number = mysql_errno(handle);
        const bool late = errno == ETIMEDOUT || was_interrupted();
        lag_failure why;
        if (!is_of_the_client(number, statement))
            why.result = statement                  ? lag_result::query
                         : is_login_refusal(number) ? lag_result::auth
                                                    : lag_result::network;
        else
            why.result = result_of_client_error(number, statement);
        if (why.result == lag_result::network && late)
            why.result = lag_result::timeout;
        std::string text = mysql_error(handle);
        mask.apply(text);
        why.error_msg = fmt::format("{} ({})", clean(text), number);
        return why;
    }

    bool is_lost(const lag_failure& why) { return why.result != lag_result::query; }
};

session::session() : connection_(std::make_unique<connection>()) {
    begin_library();
}

session::~session() = default;

bool session::is_connected() const {
    return connection_->handle != nullptr;
}

namespace {

void set_flag(MYSQL* handle, mysql_option option, bool value) {
    const my_bool flag = value ? 1 : 0;
    mysql_optionsv(handle, option, &flag);
}

void set_seconds(MYSQL* handle, mysql_option option, unsigned seconds) {
    mysql_optionsv(handle, option, &seconds);
}

void set_tls(MYSQL* handle, const login& as) {
    const bool encrypted = as.tls != config::database_tls::off;
    set_flag(handle, MYSQL_OPT_SSL_ENFORCE, encrypted);
    set_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, as.tls == config::database_tls::verify);
    if (encrypted && !as.ca_file.empty())
        mysql_optionsv(handle, MYSQL_OPT_SSL_CA, as.ca_file.c_str());
}

void set_options(MYSQL* handle, const login& as, milliseconds within) {
    const unsigned seconds = whole_seconds(within);
    set_seconds(handle, MYSQL_OPT_CONNECT_TIMEOUT, seconds);
    set_seconds(handle, MYSQL_OPT_READ_TIMEOUT, seconds);
    set_seconds(handle, MYSQL_OPT_WRITE_TIMEOUT, seconds);
    // Otherwise "localhost" is a socket in the file system.
    set_seconds(handle, MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_TCP);
    set_seconds(handle, MYSQL_OPT_LOCAL_INFILE, 0);
    mysql_optionsv(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &largest_answer);
    mysql_optionsv(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    // Plugins are ours or built in. A server cannot have others loaded.
    mysql_optionsv(handle, MYSQL_PLUGIN_DIR, nowhere);
    mysql_optionsv(handle, MARIADB_OPT_RESTRICTED_AUTH,
                   allowed_password_plugins(as.tls != config::database_tls::off));
    set_tls(handle, as);
}

} // namespace

std::optional<lag_failure> session::connect(const login& as, milliseconds within) {
    connection& on = *connection_;
    on.close();
    on.handle = mysql_init(nullptr);
    if (on.handle == nullptr)
        throw std::bad_alloc();
    on.mask.clear();
    on.mask.add(as.password);
    {
        const std::lock_guard lock(on.mutex);
        on.interrupted = false;
    }
    set_options(on.handle, as, within);
    errno = 0;
    if (mysql_real_connect(on.handle, as.host.c_str(), as.user.c_str(), as.password.c_str(), nullptr,
                           static_cast<unsigned>(as.port), nullptr, 0) == nullptr) {
        lag_failure why = on.failure_now(false);
        on.close();
        return why;
    }
    // With MYSQL_OPT_SSL_ENFORCE alone the library goes on without TLS where the server has none. No password
    // was sent in clear text (password_plugins), only scrambled.
    if (as.tls != config::database_tls::off && mysql_get_ssl_cipher(on.handle) == nullptr) {
        on.close();
        return lag_failure{lag_result::tls, "TLS is required, but the server does not support it"};
    }
    const std::lock_guard lock(on.mutex);
    on.socket = static_cast<int>(mysql_get_socket(on.handle));
    return std::nullopt;
}

text_answer session::select(const std::string& statement) {
    connection& on = *connection_;
    const auto failed = [&](lag_failure why) {
        if (on.is_lost(why))
            on.close();
        return text_answer{std::nullopt, std::move(why)};
    };
    errno = 0;
    if (mysql_real_query(on.handle, statement.data(), statement.size()) != 0)
        return failed(on.failure_now(true));
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> rows(mysql_store_result(on.handle),
                                                                        mysql_free_result);
    if (!rows)
        return failed(mysql_errno(on.handle) != 0
                          ? on.failure_now(true)
                          : lag_failure{lag_result::protocol, "the server sent no rows for a SELECT"});
    if (mysql_num_fields(rows.get()) != 1 || mysql_num_rows(rows.get()) > 1)
        return failed({lag_result::protocol, "the server sent more than one value for a SELECT of one"});
    MYSQL_ROW row = mysql_fetch_row(rows.get());
    if (row == nullptr || row[0] == nullptr)
        return {std::nullopt, lag_failure{lag_result::empty, "the table has no heartbeat"}};
    return {std::string(row[0], mysql_fetch_lengths(rows.get())[0]), std::nullopt};
}

std::optional<lag_failure> session::execute(const std::string& statement) {
    connection& on = *connection_;
    errno = 0;
    if (mysql_real_query(on.handle, statement.data(), statement.size()) != 0) {
        lag_failure why = on.failure_now(true);
        if (on.is_lost(why))
            on.close();
        return why;
    }
    if (mysql_field_count(on.handle) == 0)
        return std::nullopt;
    on.close(); // rows would be the answer of the next statement
    return lag_failure{lag_result::protocol, "the server sent rows for a statement that gives none"};
}

void session::interrupt() {
    connection& on = *connection_;
    const std::lock_guard lock(on.mutex);
    on.interrupted = true;
    if (on.socket != -1)
        ::shutdown(on.socket, SHUT_RDWR);
}

} // namespace replmond::database
