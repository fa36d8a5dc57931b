// What one read of an instance's databases does, on a thread.

#include "daemon/database/instance_read.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <utility>

namespace replmond::database {

using lag::database_reading;
using lag::lag_failure;
using lag::table_answer;

namespace {

// Other failures of a statement are about its table: the next table may be readable.
bool ends_the_read(const lag_failure& why) {
    return why.result == lag_result::network || why.result == lag_result::timeout ||
           why.result == lag_result::tls || why.result == lag_result::auth;
}

} // namespace

login_outcome make_login(const config::database_settings& database, const config::lookup& places) {
    auto password = config::read_secret(database.password, places);
    if (!password.secret)
        return {std::nullopt, lag_failure{lag_result::auth, "password: " + password.failure}};
    login as;
    as.host = database.host;
    as.port = database.port;
    as.user = database.user;
    as.password = std::move(*password.secret);
    as.tls = database.tls;
    if (database.ca_file)
        as.ca_file = config::beside_config(*database.ca_file, places);
    return {std::move(as), std::nullopt};
}

instance_read::instance_read(config::lag_settings settings, config::lookup places, lag::read_plan plan,
                             std::shared_ptr<instance_sessions> sessions, std::function<timestamp()> now)
    : settings_(std::move(settings)), places_(std::move(places)), plan_(std::move(plan)),
      sessions_(std::move(sessions)), now_(std::move(now)) {}

void instance_read::run() {
    reading_.starrocks = read_from(sessions_->starrocks, settings_.database, plan_.tables);
    if (!settings_.source)
        return;
    reading_.source = read_from(sessions_->source, settings_.source->database, plan_.source_tables);
    if (settings_.source->write)
        write();
}

void instance_read::interrupt() {
    interrupted_ = true;
    sessions_->starrocks.interrupt();
    sessions_->source.interrupt();
}

std::optional<lag_failure> instance_read::log_in(session& to, const config::database_settings& database) {
    auto made = make_login(database, places_);
    if (!made.as)
        return made.failure;
    auto failed = to.connect(*made.as, settings_.timeout);
    OPENSSL_cleanse(made.as->password.data(), made.as->password.size());
    return failed;
}

database_reading instance_read::read_from(session& from, const config::database_settings& database,
                                          const std::vector<config::table_name>& tables) {
    database_reading read;
    bool may_be_closed = from.is_connected(); // by the server, since the read before
    for (const config::table_name& table : tables) {
        if (interrupted_)
            read.failure = lag_failure{lag_result::timeout, "interrupted"};
        else if (!from.is_connected())
            read.failure = log_in(from, database);
        if (read.failure)
            return read;
        const std::string statement = lag::select_statement(table, settings_.column);
        text_answer got = from.select(statement);
        if (may_be_closed && got.failure && got.failure->result == lag_result::network) {
            read.failure = log_in(from, database);
            if (read.failure)
                return read;
            got = from.select(statement);
        }
        may_be_closed = false;
        if (got.failure && ends_the_read(*got.failure)) {
            read.failure = std::move(got.failure);
            return read;
        }
        read.answers.push_back({std::move(got.text), std::move(got.failure), now_()});
    }
    return read;
}

void instance_read::write() {
    for (const config::table_name& table : plan_.source_tables) {
        if (interrupted_ || !sessions_->source.is_connected())
            return;
        reading_.write_failures.push_back(
            sessions_->source.execute(lag::upsert_statement(table, settings_.column)));
    }
}

} // namespace replmond::database
