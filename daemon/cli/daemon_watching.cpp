// What the monitor and the roster tell the daemon, and who gets to know it.
#include "daemon/cli/connect_project.hpp"
#include "daemon/cli/daemon.hpp"
#include "daemon/monitor/clocks.hpp"

#include <string_view>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;
using monitor::even_clock;
using monitor::wall_clock;

roster_hooks daemon::hooks_of_roster() {
    roster_hooks to;
    to.connect = [this](const config::project_settings& project, schedule::project_key key,
                        const config::poll_settings& poll,
                        const config::lookup& places) { return connect(project, key, poll, places); };
    to.known_from_before = [this](const std::string& project, const std::string& project_id) {
        return keeper_.discovered(project, project_id);
    };
    to.spawn = [this](asio::awaitable<void> work) { group_.spawn(std::move(work)); };
    to.say = [this](event e) { journal_.say(std::move(e)); };
    to.discovered = [this](event e, const instance_identity& of) {
        keeper_.record_discovered(std::move(e), of, wall_clock());
    };
    to.say_about = [this](event e, const instance_identity& of) { keeper_.record(std::move(e), of); };
    to.project_added = [this](const config::project_settings& project) {
        gone_projects_.erase(project.name);
        metrics_.add_project(project.name);
        if (project.discover)
            metrics_.add_discovery(project.name);
        else
            metrics_.remove_discovery(project.name);
    };
    to.listed = [this](const std::string& project, bool success, std::size_t instances,
                       const std::vector<unexpected_value>& unexpected) {
        metrics_.discovery(project, success, wall_clock(), instances);
        for (const unexpected_value& value : unexpected)
            metrics_.unexpected_value(project, value.field);
    };
    to.project_removed = [this](const std::string& project) {
        gone_projects_.insert(project);
        metrics_.remove_project(project);
    };
    return to;
}

std::shared_ptr<cloud::project_api> daemon::connect(const config::project_settings& project,
                                                    schedule::project_key key,
                                                    const config::poll_settings& poll,
                                                    const config::lookup& places) {
    project_hooks hooks;
    // The last requests may end after their project.
    hooks.request = [this, name = project.name](const cloud::sent_request& sent) {
        if (!gone_projects_.contains(name))
            metrics_.api_request(name, sent.operation, sent.code, sent.took);
        if (tells_requests_)
            journal_.say(cloud::request_event(name, sent, wall_clock()));
    };
    hooks.credential.say = [this](event e) { journal_.say(std::move(e)); };
    gone_projects_.erase(project.name);
    hooks.credential.state = [this, name = project.name](bool usable, std::optional<timestamp> expires_at) {
        if (!gone_projects_.contains(name))
            metrics_.credential(name, usable, expires_at);
    };
    hooks.gate = std::make_shared<monitor::traffic::gate>(fleet_.lanes(), key, schedule::purpose::credential);
    return connect_project(context_.get_executor(), project, poll.timeout, places, names_, std::move(hooks),
                           static_cast<std::size_t>(poll.concurrency));
}

std::optional<instance_past> daemon::recall(const instance_identity& of) {
    return keeper_.recall(of);
}

void daemon::on_changed(const monitor::instance_view& of, std::vector<event> events) {
    const auto [known, is_new] = states_.try_emplace(&of.state, of.state.identity.name);
    if (is_new || known->second != of.state.identity.name) {
        known->second = of.state.identity.name;
        listed_ = nullptr;
    }
    if (of.tasks_changed) {
        page_.update(of.state, even_clock());
        totals_.forget(of.state);
    } else {
        page_.update_poll(of.state);
    }
    keeper_.record(of, std::move(events), wall_clock());
    if (roster_.has_learned_of_twins())
        asio::post(context_, [this] { roster_.part_twins(); });
}

void daemon::on_removed(const monitor::instance_view& of) {
    states_.erase(&of.state);
    listed_ = nullptr;
    page_.remove(of.state);
    totals_.forget(of.state);
    keeper_.forget(of, wall_clock());
}

void daemon::on_line(event line) {
    journal_.say(std::move(line));
}

void daemon::on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) {
    for (const unexpected_value& value : values)
        metrics_.unexpected_value(of.project, value.field);
}

} // namespace replmond::cli
