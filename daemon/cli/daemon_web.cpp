// What the HTTP side of the daemon is told by the other parts.
#include "daemon/cli/daemon.hpp"
#include "daemon/config/dump.hpp"
#include "daemon/export/fleet_walk.hpp"
#include "daemon/monitor/clocks.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <unistd.h>
#include <utility>
#include <vector>

namespace replmond::cli {

using monitor::even_clock;

namespace {

class configuration_job final : public exposition::answer_job {
public:
    explicit configuration_job(config::settings in_force) : dump_(std::move(in_force)) {}
    bool step() override { return dump_.step(); }
    std::size_t bytes() const override { return 0; } // hundreds of bytes an instance
    net::pieced_text take() override {
        net::pieced_text text;
        text.add(dump_.text());
        return text;
    }

private:
    config::dumping dump_;
};

} // namespace

exposition::text_pieces daemon::metrics_pieces(exposition::format as) {
    const auto& plan = fleet_.lanes().plan();
    for (const auto& [name, key] : roster_.projects())
        metrics_.budget(name, plan.requests_in_window(key, fleet_.lanes().up()), plan.waited_for_budget(key),
                        plan.stretched(key));
    const auto depth = journal_.depth();
    metrics_.journal(depth.lines + depth.unsaved_events, depth.dropped_lines + depth.dropped_events);
    auto pieces = page_.pieces(even_clock(), as);
    std::string own;
    metrics_.append_to(own, as, monitor::wall_clock());
    pieces.push_back(exposition::passing_piece(std::move(own)));
    return pieces;
}

exposition::web_sources daemon::web_sources(bool may_reload) {
    exposition::web_sources sources;
    sources.refresh_metrics = [this] { return page_.refresh(even_clock()); };
    sources.metrics = [this](exposition::format as) { return metrics_pieces(as); };
    if (may_reload)
        sources.reload = [this] { return reload(); };
    sources.config = [this] {
        config::settings in_force = settings_;
        in_force.state.path = state_path_; // another one takes a restart
        return std::make_unique<configuration_job>(std::move(in_force));
    };
    sources.ready = [this] { return fleet_.ready() && !stopping_; };
    sources.events = [this](const exposition::event_filter& wanted) { return events(wanted); };
    sources.fleet = [this] { return view(); };
    sources.facts = [this] { return facts(); };
    sources.count = [this](std::string_view handler, int code) { metrics_.http_request(handler, code); };
    return sources;
}

// The host's name is what it is now: a new one takes a restart.
exposition::site_policy daemon::site_policy_of(const run_arguments& arguments) {
    exposition::site_policy policy;
    for (const std::string& name : arguments.allowed_hosts)
        policy.allowed_hosts.push_back(exposition::parse_allowed_host(name).value_or(name));
    if (!arguments.external_url.empty())
        policy.external_url = exposition::parse_external_url(arguments.external_url);
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) == 0)
        policy.own_names = exposition::names_of_host(name.data());
    return policy;
}

std::vector<const event*> daemon::events(const exposition::event_filter& wanted) const {
    std::vector<const event*> found;
    const auto& latest = keeper_.latest();
    const timestamp oldest = monitor::wall_clock() - settings_.state.retention;
    for (auto kept = latest.rbegin(); kept != latest.rend() && found.size() < wanted.limit; ++kept) {
        if (kept->what.time >= oldest && wanted.admits(kept->what, kept->of.instance_id))
            found.push_back(&kept->what);
    }
    return found;
}

exposition::fleet_view daemon::view() {
    if (!listed_) {
        exposition::instance_list all;
        all.reserve(states_.size());
        for (const auto& [state, name] : states_)
            all.push_back(state);
        std::sort(all.begin(), all.end(), [](const instance_state* a, const instance_state* b) {
            return exposition::comes_before(*a, *b);
        });
        listed_ = std::make_shared<const exposition::instance_list>(std::move(all));
    }
    exposition::fleet_view fleet;
    fleet.list = listed_;
    fleet.context = {even_clock(), settings_.poll.stale_after};
    fleet.now = monitor::wall_clock();
    fleet.totals = &totals_;
    return fleet;
}

exposition::daemon_facts daemon::facts() const {
    exposition::daemon_facts facts;
    facts.started = started_;
    facts.addresses = addresses_;
    facts.config_file = config_file_;
    facts.state_path = state_path_;
    facts.shard = shard_;
    facts.ready = fleet_.ready() && !stopping_;
    return facts;
}

} // namespace replmond::cli
