// The daemon's web side: addresses, access, and what the pages get from the other parts.

#include "daemon/core/config/dump.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/daemon.hpp"
#include "daemon/service/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace replmond::service {

using net::wall_clock;

namespace {

// One line however many mistakes there are; check-config shows all of them.
void load_web_config(web_auth& next) {
    auto first = next.prepare();
    if (!first.mistakes.empty()) {
        const std::size_t end = first.mistakes.find('\n');
        const std::string more =
            end == std::string::npos ? "" : " (and more: see replmond check-config --web.config.file)";
        throw std::runtime_error(first.mistakes.substr(0, end) + more);
    }
    next.use(std::move(first));
}

} // namespace

// Leaves at least half of the file descriptors to polls, name lookups and the state.
http::server_limits daemon::limits_of_server() {
    http::server_limits limits;
    struct rlimit files {};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        limits.connections = std::clamp<std::size_t>(files.rlim_cur / 2, 4, limits.connections);
    return limits;
}

// For changes that web_auth finds itself, without a reload.
web_auth_callbacks daemon::web_auth_callbacks_of() {
    web_auth_callbacks callbacks;
    callbacks.renewed = [this](const std::string& file) {
        if (std::exchange(is_web_config_stale_, false))
            metrics_.config_loaded(true, wall_clock());
        event loaded =
            daemon_event("config_loaded", severity::info, "replmond loaded the web configuration again");
        journal_.log(std::move(loaded.with("file", file)));
    };
    callbacks.refused = [this](const std::string& file, const std::string& mistakes) {
        is_web_config_stale_ = true;
        metrics_.config_loaded(false, wall_clock());
        refused_reload(file, mistakes);
    };
    return callbacks;
}

// A client that can cause one failure can cause many. Each is counted, but only one line a minute and handler
// is logged.
void daemon::http_failed(const http::http_failure& failure) {
    std::string handler = "refused";
    if (failure.request != nullptr)
        handler = router_.count_failure(*failure.request);
    else
        metrics_.http_request(handler, 500);
    const auto failures = http_failures_.admit(handler, std::chrono::steady_clock::now());
    if (!failures)
        return;
    event failed = daemon_event("http_failed", severity::error,
                                "an error in replmond itself ended a request to its web server");
    failed.with("handler", handler)
        .with("error_msg", failure.error_msg)
        .with("failures", static_cast<std::int64_t>(*failures));
    journal_.log(std::move(failed));
}

void daemon::listen(const std::vector<std::string>& addresses) {
    load_web_config(web_auth_);
    if (web_auth_.is_empty())
        warn("the file of --web.config.file is empty; everybody who reaches the port may read");
    server_.set_access_filter(web_auth_);
    server_.on_refusal([this](int status) { metrics_.http_request("refused", status); });
    server_.on_failure([this](const http::http_failure& failure) { http_failed(failure); });
    server_.set_body_objection(
        [this](const http::http_request& request) { return router_.objection(request); });
    for (const std::string& address : addresses) {
        try {
            server_.listen(address);
        } catch (const boost::system::system_error& e) {
            throw std::runtime_error(fmt::format("cannot listen on {}: {}", address, e.code().message()));
        } catch (const std::invalid_argument& e) {
            throw std::runtime_error(fmt::format("--web.listen-address: {}", e.what()));
        }
    }
}

using net::even_clock;

namespace {

class configuration_job final : public http::reply_body {
public:
    explicit configuration_job(config::settings in_force) : dump_(std::move(in_force)) {}
    bool step() override { return dump_.step(); }
    std::size_t bytes() const override { return 0; } // only hundreds of bytes for each instance
    http::buffer_chain take() override {
        http::buffer_chain text;
        text.add(dump_.text());
        return text;
    }

private:
    config::dumping dump_;
};

} // namespace

metrics::text_chunks daemon::metrics_chunks(metrics::format as) {
    const auto& plan = fleet_.requests().scheduler();
    for (const auto& [name, key] : targets_.projects())
        metrics_.budget(name, plan.requests_in_window(key, fleet_.requests().up()),
                        plan.waited_for_budget(key), plan.stretched(key));
    const auto depth = journal_.depth();
    metrics_.journal(depth.lines + depth.unsaved_events, depth.dropped_lines + depth.dropped_events);
    auto pieces = page_.pieces(even_clock(), as);
    std::string own;
    metrics_.append_to(own, as, net::wall_clock());
    pieces.push_back(metrics::unversioned_chunk(std::move(own)));
    return pieces;
}

web::router_sources daemon::router_sources(bool may_reload) {
    web::router_sources sources;
    sources.refresh_metrics = [this] { return page_.refresh(even_clock()); };
    sources.metrics = [this](metrics::format as) { return metrics_chunks(as); };
    if (may_reload)
        sources.reload = [this] { return reload(); };
    sources.config = [this] {
        config::settings in_force = settings_;
        in_force.state.path = state_path_; // a new path is used only after a restart
        return std::make_unique<configuration_job>(std::move(in_force));
    };
    sources.ready = [this] { return fleet_.ready() && !stopping_; };
    sources.events = [this](const web::event_filter& wanted) { return events(wanted); };
    sources.fleet = [this] { return view(); };
    sources.facts = [this] { return facts(); };
    sources.count = [this](std::string_view handler, int code) { metrics_.http_request(handler, code); };
    return sources;
}

// The host's name is read once; a new name needs a restart.
web::site_policy daemon::site_policy_of(const run_arguments& arguments) {
    web::site_policy policy;
    for (const std::string& name : arguments.allowed_hosts)
        policy.allowed_hosts.push_back(web::parse_allowed_host(name).value_or(name));
    if (!arguments.external_url.empty())
        policy.external_url = web::parse_external_url(arguments.external_url);
    policy.own_names = web::names_of_host(host_name());
    return policy;
}

std::vector<const event*> daemon::events(const web::event_filter& wanted) const {
    std::vector<const event*> found;
    const auto& latest = recorder_.latest();
    const timestamp oldest = net::wall_clock() - settings_.state.retention;
    for (auto kept = latest.rbegin(); kept != latest.rend() && found.size() < wanted.limit; ++kept) {
        if (kept->what.time >= oldest && wanted.admits(kept->what, kept->of.instance_id))
            found.push_back(&kept->what);
    }
    return found;
}

web::fleet_view daemon::view() {
    if (!listed_) {
        web::instance_list all;
        all.reserve(states_.size());
        for (const auto& [state, name] : states_)
            all.push_back(state);
        std::sort(all.begin(), all.end(),
                  [](const instance_state* a, const instance_state* b) { return web::comes_before(*a, *b); });
        listed_ = std::make_shared<const web::instance_list>(std::move(all));
    }
    web::fleet_view fleet;
    fleet.list = listed_;
    fleet.context = {even_clock(), settings_.poll.stale_after};
    fleet.now = net::wall_clock();
    fleet.totals = &totals_;
    return fleet;
}

web::daemon_facts daemon::facts() const {
    web::daemon_facts facts;
    facts.started = started_;
    facts.addresses = addresses_;
    facts.config_file = config_file_;
    facts.state_path = state_path_;
    facts.shard = shard_;
    facts.grafana_url = grafana_url_;
    facts.ready = fleet_.ready() && !stopping_;
    return facts;
}

} // namespace replmond::service
