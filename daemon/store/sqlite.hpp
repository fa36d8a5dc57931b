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

/// What kind of trouble the state file is in: each asks for another answer.
enum class trouble {
    locked,   ///< another process has it
    newer,    ///< written by a newer replmond
    foreign,  ///< a file of something else
    unusable, ///< no directory, no permission, read-only
    corrupt,  ///< damaged; what was in it cannot be trusted. Also: no statement of ours makes sense in it
    gone,     ///< removed, or another file has its name
    full,     ///< no space left
    io        ///< everything else
};

struct store_error {
    trouble kind = trouble::io;
    std::string text; ///< for people, one line
};

/// What the store hands out: a value, or why there is none.
template<class T>
using outcome = boost::system::result<T, store_error>;

/// Called by outcome::value() where there is none: reading it is a bug.
[[noreturn]] void throw_exception_from_error(const store_error& why, const boost::source_location& where);

// As much of SQLite's C interface as the store needs. Nothing throws; one thread at a time.

/// A prepared statement. The first mistake of a bind is kept and comes back from the next step.
class statement {
public:
    statement& bind(int at, std::string_view text); ///< `at` counts from 1
    statement& bind(int at, std::int64_t number);
    statement& bind(int at, double number);
    statement& bind_null(int at);

    /// True: there is a row to read. False: the statement is done.
    outcome<bool> step();

    /// Steps to the end and makes the statement ready for other values.
    outcome<void> run();

    /// A column of the row, counted from 0. Empty where it is NULL.
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

enum class access {
    read_write, ///< makes the file where there is none
    read_only,
    immutable ///< read-only, and nobody writes: no other file is needed beside it
};

/// An open database.
class connection {
public:
    /// Closed.
    connection() = default;

    static outcome<connection> open(const std::string& path, access how);

    /// One or more statements without values.
    outcome<void> run(const std::string& sql);
    outcome<statement> prepare(std::string_view sql);

    /// The first column of the first row; 0 where there is no row or it is NULL.
    outcome<std::int64_t> number(std::string_view sql);

    /// For as long as another program writes, a statement waits at most this long; 2,000 at first.
    void wait_for_others(int milliseconds);

    /// Closes it: every call fails from then on.
    void close_now() { raw_.reset(); }
    bool is_open() const { return raw_ != nullptr; }

    /// Rows that the last INSERT, UPDATE or DELETE touched.
    int changes() const;
    bool is_read_only() const;

private:
    struct close {
        void operator()(sqlite3* raw) const;
    };
    explicit connection(sqlite3* raw) : raw_(raw) {}

    std::unique_ptr<sqlite3, close> raw_;
};

/// BEGIN IMMEDIATE; rolls back what was not committed.
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
