#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace replmond::store {

/// What is wrong with the state file. Each kind is handled differently.
enum class trouble {
    locked,   ///< another process has locked it
    newer,    ///< written by a newer replmond
    foreign,  ///< a file of another program
    unusable, ///< no directory, no permission, or read-only
    corrupt,  ///< damaged: its content cannot be trusted, or our statements fail in it
    gone,     ///< the file was removed or replaced by another one
    full,     ///< no space left
    io        ///< any other error
};

/// Why a call has failed.
struct store_error {
    trouble kind = trouble::io;
    std::string text; ///< one line, for people
};

/// A value, or the reason why there is none.
template<class T>
using outcome = boost::system::result<T, store_error>;

/// outcome::value() calls this if there is no value. That is a bug of the caller.
[[noreturn]] void throw_exception_from_error(const store_error& why, const boost::source_location& where);

// The part of SQLite's C interface that the store needs. Nothing throws. One thread at a time may use an
// object.

/// A prepared statement. The first error of a bind() is kept, and the next step() returns it.
class statement {
public:
    statement& bind(int at, std::string_view text); ///< `at` counts from 1
    statement& bind(int at, std::int64_t number);
    statement& bind(int at, double number);
    statement& bind_null(int at);

    /// Advances to the next row. True: there is a row to read. False: the statement is done.
    outcome<bool> step();

    /// Steps to the end and resets the statement, so that new values can be bound.
    outcome<void> run();

    /// A column of the current row, counted from 0. Empty if it is NULL.
    std::optional<std::string> text(int column) const;
    std::optional<std::int64_t> integer(int column) const;
    std::optional<double> real(int column) const;

private:
    friend class connection;
    struct finalize {
        void operator()(sqlite3_stmt* raw) const;
    };
    explicit statement(sqlite3_stmt* raw) : raw_(raw) {}
    statement& keep(int code);

    std::unique_ptr<sqlite3_stmt, finalize> raw_;
    int mistake_ = 0;
};

/// How a file is opened.
enum class access {
    read_write, ///< creates the file if it does not exist
    read_only,
    immutable ///< read-only, and no process writes it: needs no -wal and -shm files
};

/// An open database, or none. Owned by one thread at a time; statements must not outlive it.
class connection {
public:
    /// Not open.
    connection() = default;

    /// Waits up to 2 s for other writers in every later call; see wait_for_others().
    static outcome<connection> open(const std::string& path, access how);

    /// Runs one or more statements that take no values.
    outcome<void> run(const std::string& sql);
    /// Compiles one statement.
    outcome<statement> prepare(std::string_view sql);

    /// The first column of the first row; 0 if there is no row or it is NULL.
    outcome<std::int64_t> number(std::string_view sql);

    /// Sets how long a statement waits while another process writes; 2,000 ms by default.
    void wait_for_others(int milliseconds);

    /// Closes the database. Every later call fails.
    void close_now() { raw_.reset(); }
    bool is_open() const { return raw_ != nullptr; }

    /// The number of rows that the last INSERT, UPDATE or DELETE changed.
    int changes() const;
    bool is_read_only() const;

private:
    struct close {
        void operator()(sqlite3* raw) const;
    };
    explicit connection(sqlite3* raw) : raw_(raw) {}

    std::unique_ptr<sqlite3, close> raw_;
};

/// A transaction (BEGIN IMMEDIATE). The destructor rolls back what was not committed. `on` must outlive it.
class transaction {
public:
    static outcome<transaction> begin(connection& on);
    transaction(transaction&& other) noexcept : on_(std::exchange(other.on_, nullptr)) {}
    transaction& operator=(transaction&&) = delete;
    ~transaction();

    outcome<void> commit();

private:
    explicit transaction(connection& on) : on_(&on) {}
    connection* on_;
};

} // namespace replmond::store
