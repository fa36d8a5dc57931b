#pragma once

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/spinner.hpp"
#include "daemon/core/doctor/questions.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace replmond::cli {

/// Proves one project, step by step. What a step that failed makes impossible is skipped; everything else
/// goes on.
class project_check {
public:
    /// `session` has this project only. `instance`: a name or an id; empty: all. `told` is called with each
    /// step as it ends.
    project_check(cloud_session& session, const config::project_settings& project, std::string instance,
                  spinner& at_work, std::function<void(const doctor::step_result&)> told);

    /// To be called once. Throws operation_aborted when the session ends.
    boost::asio::awaitable<void> run();

    const doctor::project_findings& findings() const { return findings_; }
    /// False if `instance` names none of this project's instances.
    bool found_instance() const { return !no_such_instance_; }
    /// Why; for the user.
    const std::optional<std::string>& no_such_instance() const { return no_such_instance_; }

private:
    using awaitable = boost::asio::awaitable<void>;

    void add(doctor::step_result step);
    void skip(const std::vector<doctor::step>& steps, const std::string& why);
    void skip_cloud(const std::string& why);
    void observe(const cloud::sent_request& sent);
    bool take_proof(const result<cloud::credential_proof>& proof);
    void add_project_id();
    void add_rate_limit();

    boost::asio::awaitable<bool> connect();
    boost::asio::awaitable<bool> prove();
    awaitable check_inventory(std::optional<failure> refused);
    awaitable check_htap(std::vector<cloud::taurusdb_instance> above);
    awaitable check_instances();
    awaitable check_instance(const target_instance& of);
    boost::asio::awaitable<std::optional<failure>> read_pass(const target_instance& of, int limit,
                                                             instance_state& state, doctor::list_form& into);
    awaitable check_configuration(const target_instance& of, const instance_state& state);
    awaitable check_lag(const target_instance& of, const instance_state& state);
    awaitable ask_for_nobody();

    cloud_session& session_;
    const config::project_settings& project_;
    std::string instance_;
    spinner& spinner_;
    std::function<void(const doctor::step_result&)> told_;
    doctor::project_findings findings_;
    std::optional<milliseconds> clock_ahead_;
    std::optional<failure> not_allowed_; ///< to list TaurusDB instances
    std::optional<std::string> no_such_instance_;
    std::size_t requests_ = 0;
    bool has_read_a_list_ = false;
    bool is_asking_for_nobody_ = false;
};

} // namespace replmond::cli
