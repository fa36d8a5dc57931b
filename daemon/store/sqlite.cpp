// SQLite in C++: statements, transactions, and what each error means for the state file.

#include "daemon/store/sqlite.hpp"

#include <fmt/format.h>

#include <cstring>
#include <sqlite3.h>
#include <stdexcept>

namespace replmond::store {

void throw_exception_from_error(const store_error& why, const boost::source_location&) {
    throw std::runtime_error("state: " + why.text);
}

namespace {

// In WAL mode a reader never blocks the writer. This is for another writer, for example the sqlite3 program.
constexpr int patience_ms = 2000;

trouble kind_of(int code) {
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    // Our statements fit our tables. If SQLite cannot compile or run them, the file is damaged.
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return trouble::corrupt;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_TRIGGER ? trouble::io : trouble::corrupt;
    case SQLITE_FULL:
        return trouble::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return trouble::locked;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return trouble::unusable;
    default:
        return trouble::io;
    }
}

store_error error_of(sqlite3* from, int code) {
    std::string text = from == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(from);
    // The message of an I/O error names no cause; sqlite3_system_errno() has the system's.
    const int reason = from == nullptr ? 0 : sqlite3_system_errno(from);
    const bool has_reason = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
    if (has_reason && reason != 0)
        text += fmt::format(" ({})", std::strerror(reason));
    return {kind_of(code), std::move(text)};
}

int flags_of(access how) {
    const int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE;
    if (how == access::read_write)
        return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    return common | SQLITE_OPEN_READONLY;
}

// A path may contain characters that have a meaning in a URI (SQLite documentation, "URI Filenames").
std::string uri_of(const std::string& path, access how) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#')
            uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        else
            uri += c;
    }
    return how == access::immutable ? uri + "?immutable=1" : uri;
}

} // namespace

void statement::finalize::operator()(sqlite3_stmt* raw) const {
    sqlite3_finalize(raw);
}

statement& statement::keep(int code) {
    if (mistake_ == SQLITE_OK)
        mistake_ = code;
    return *this;
}

statement& statement::bind(int at, std::string_view text) {
    // The data() of an empty view may be null, and SQLite binds a null pointer as NULL.
    const char* from = text.data() == nullptr ? "" : text.data();
    return keep(sqlite3_bind_text64(raw_.get(), at, from, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

statement& statement::bind(int at, std::int64_t number) {
    return keep(sqlite3_bind_int64(raw_.get(), at, number));
}

statement& statement::bind(int at, double number) {
    return keep(sqlite3_bind_double(raw_.get(), at, number));
}

statement& statement::bind_null(int at) {
    return keep(sqlite3_bind_null(raw_.get(), at));
}

outcome<bool> statement::step() {
    const int code = mistake_ == SQLITE_OK ? sqlite3_step(raw_.get()) : mistake_;
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    return error_of(sqlite3_db_handle(raw_.get()), code);
}

outcome<void> statement::run() {
    for (;;) {
        const auto row = step();
        if (row && *row)
            continue;
        sqlite3_reset(raw_.get());
        if (!row)
            return row.error();
        return {};
    }
}

std::optional<std::string> statement::text(int column) const {
    const auto* from = reinterpret_cast<const char*>(sqlite3_column_text(raw_.get(), column));
    if (from == nullptr)
        return std::nullopt;
    return std::string(from, static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column)));
}

std::optional<std::int64_t> statement::integer(int column) const {
    if (sqlite3_column_type(raw_.get(), column) == SQLITE_NULL)
        return std::nullopt;
    return sqlite3_column_int64(raw_.get(), column);
}

std::optional<double> statement::real(int column) const {
    if (sqlite3_column_type(raw_.get(), column) == SQLITE_NULL)
        return std::nullopt;
    return sqlite3_column_double(raw_.get(), column);
}

void connection::close::operator()(sqlite3* raw) const {
    sqlite3_close_v2(raw);
}

outcome<connection> connection::open(const std::string& path, access how) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(uri_of(path, how).c_str(), &raw, flags_of(how), nullptr);
    connection opened(raw); // on failure too: SQLite returns a handle that has the message and must be closed
    if (code != SQLITE_OK)
        return error_of(raw, code);
    sqlite3_busy_timeout(raw, patience_ms);
    return opened;
}

outcome<void> connection::run(const std::string& sql) {
    const int code = sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return error_of(raw_.get(), code);
    return {};
}

outcome<statement> connection::prepare(std::string_view sql) {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v2(raw_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr);
    if (code != SQLITE_OK)
        return error_of(raw_.get(), code);
    return statement(made);
}

outcome<std::int64_t> connection::number(std::string_view sql) {
    auto query = prepare(sql);
    if (!query)
        return query.error();
    const auto row = query->step();
    if (!row)
        return row.error();
    return *row ? query->integer(0).value_or(0) : 0;
}

void connection::wait_for_others(int milliseconds) {
    sqlite3_busy_timeout(raw_.get(), milliseconds);
}

int connection::changes() const {
    return sqlite3_changes(raw_.get());
}

bool connection::is_read_only() const {
    return sqlite3_db_readonly(raw_.get(), "main") == 1;
}

outcome<transaction> transaction::begin(connection& on) {
    const auto begun = on.run("BEGIN IMMEDIATE");
    if (!begun)
        return begun.error();
    return transaction(on);
}

transaction::~transaction() {
    // Fails if the error has already rolled the transaction back; then there is nothing left to do.
    if (on_ != nullptr)
        (void)on_->run("ROLLBACK");
}

outcome<void> transaction::commit() {
    const auto committed = on_->run("COMMIT");
    if (committed)
        on_ = nullptr;
    return committed;
}

} // namespace replmond::store
