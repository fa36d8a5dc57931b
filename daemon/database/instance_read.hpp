#pragma once

#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/lag/lag_tracker.hpp"
#include "daemon/core/lag/read_plan.hpp"
#include "daemon/database/session.hpp"
#include "daemon/database/workers.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace replmond::database {

/// The connections of one instance, which are kept from read to read.
struct instance_sessions {
    session starrocks;
    session source;
};

/// One read of an instance: logs in where that is needed, asks StarRocks for every heartbeat, then TaurusDB,
/// and then writes, where `lag.source.write` says so. It writes last: what was just written cannot have
/// arrived yet.
class instance_read final : public blocking_work {
public:
    /// `settings.database.host` must not be empty. `now`: this host's clock.
    instance_read(config::lag_settings settings, config::lookup places, lag::read_plan plan,
                  std::shared_ptr<instance_sessions> sessions, std::function<timestamp()> now);

    void run() override;
    void interrupt() override;

    /// What was read. To be called after run() has ended.
    const lag::lag_reading& reading() const { return reading_; }
    const lag::read_plan& plan() const { return plan_; }

private:
    lag::database_reading read_from(session& from, const config::database_settings& database,
                                    const std::vector<config::table_name>& tables);
    std::optional<lag::lag_failure> log_in(session& to, const config::database_settings& database);
    void write();

    config::lag_settings settings_;
    config::lookup places_;
    lag::read_plan plan_;
    std::shared_ptr<instance_sessions> sessions_;
    std::function<timestamp()> now_;
    lag::lag_reading reading_;
    std::atomic<bool> interrupted_ = false;
};

/// The login that the settings describe, with the password read now. Fails with `auth` if it cannot be read.
struct login_outcome {
    std::optional<login> as;
    std::optional<lag::lag_failure> failure;
};
login_outcome make_login(const config::database_settings& database, const config::lookup& places);

} // namespace replmond::database
