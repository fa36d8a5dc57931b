// Finds the instances that a command names: configured ones first, then those that the projects discover.

#include "daemon/cli/find_instances.hpp"

#include "daemon/cli/flags.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/core/tracking/discovery_state.hpp"
#include "daemon/core/tracking/name_allocator.hpp"
#include "daemon/monitor/discovery_loop.hpp"
#include "daemon/net/async.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

const config::project_settings& project_of(const config::settings& all, const std::string& name) {
    return *std::find_if(all.projects.begin(), all.projects.end(),
                         [&](const config::project_settings& p) { return p.name == name; });
}

target_instance instance_of(cloud_session& session, const std::string& project, std::string id,
                            std::string name) {
    const config::project_settings& of = project_of(session.settings(), project);
    target_instance instance;
    instance.identity.project = project;
    instance.identity.region = of.region;
    instance.identity.project_id = of.project_id.value_or("");
    instance.identity.id = std::move(id);
    instance.identity.name = std::move(name);
    return instance;
}

std::vector<target_instance> configured(cloud_session& session) {
    std::vector<target_instance> all;
    for (const config::instance_settings& one : session.settings().instances) {
        target_instance instance = instance_of(session, one.project, one.id, one.name);
        instance.request_timeout = one.timeout;
        instance.page_size = one.page_size;
        instance.lag = one.lag;
        all.push_back(std::move(instance));
    }
    return all;
}

class discoverer {
public:
    discoverer(cloud_session& session, found_instances& into) : session_(session), into_(into) {
        std::vector<tracking::name_allocator::configured> all;
        for (const config::instance_settings& one : session.settings().instances)
            all.push_back({{one.project, one.id}, one.name});
        names_.set_configured(all);
    }

    // All projects at once, so that a project that hangs delays no other.
    asio::awaitable<void> run() {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer all_done(executor, asio::steady_timer::time_point::max());
        std::size_t left = 0;
        for (const config::project_settings& project : session_.settings().projects) {
            if (!project.discover)
                continue;
            ++left;
            session_.group().spawn(discover(project, left, all_done));
        }
        while (left > 0)
            co_await all_done.async_wait(net::nothrow);
    }

private:
    asio::awaitable<void> discover(const config::project_settings& project, std::size_t& left,
                                   asio::steady_timer& all_done) {
        tracking::listing_memory memory;
        auto permits = session_.permits(project.name);
        monitor::pause_between_calls at_once = [](std::size_t) -> asio::awaitable<void> { co_return; };
        const auto seen =
            co_await monitor::discover(session_.api(project.name), permits, session_.settings().poll.timeout,
                                       memory, std::move(at_once));
        if (seen)
            take(project, *seen);
        else
            into_.trouble.push_back(fmt::format("project {}: its instances could not be listed: {}",
                                                project.name, terminal::failure_text(seen.error())));
        --left;
        all_done.cancel();
    }

    void take(const config::project_settings& project, const tracking::listing& seen) {
        tracking::discovery_state state(*project.discover);
        state.take(seen);
        for (const auto& [id, cloud_name] : state.discovered()) {
            auto name = names_.add({project.name, id}, cloud_name);
            if (!name)
                continue; // it is configured
            target_instance instance = instance_of(session_, project.name, id, std::move(*name));
            instance.request_timeout = session_.settings().poll.timeout;
            instance.page_size = session_.settings().poll.page_size;
            instance.discovered = true;
            instance.lag = project.discover->lag;
            if (instance.lag && instance.lag->database.host.empty()) {
                const cloud::sql_address address = state.address_of(id);
                instance.lag->database.host = address.host;
                instance.lag->database.port = address.port;
            }
            into_.instances.push_back(std::move(instance));
        }
    }

    cloud_session& session_;
    found_instances& into_;
    tracking::name_allocator names_;
};

// One instance's name may be another one's id, and an id may exist in two projects.
void keep_only(std::vector<target_instance>& all, const std::string& wanted) {
    const auto is_called = [&](const target_instance& one) { return one.identity.name == wanted; };
    const bool is_name = std::any_of(all.begin(), all.end(), is_called);
    std::erase_if(all, [&](const target_instance& one) {
        return is_name ? !is_called(one) : one.identity.id != wanted;
    });
}

// Two entries of the configuration may be the same project of the cloud. As in the daemon, an instance that
// both have belongs to the entry that configures it, else to the first one that discovers it.
void remove_duplicate_instances(cloud_session& session, std::vector<target_instance>& all) {
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.discovered, a.identity.project) < std::tie(b.discovered, b.identity.project);
    });
    std::set<std::pair<std::string, std::string>> seen;
    std::erase_if(all, [&](const target_instance& one) {
        const std::string& project = one.identity.project;
        auto id = project_of(session.settings(), project).project_id;
        if (!id && one.discovered)
            id = session.api(project).known_project_id();
        return !seen.emplace(id.value_or(project), one.identity.id).second;
    });
}

std::string known_names(const std::vector<target_instance>& all) {
    constexpr std::size_t most = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(all.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + terminal::shown(all[i].identity.name);
    return all.empty() ? "there are none" : "there are " + text + (all.size() > most ? ", …" : "");
}

std::string not_found(const std::string& wanted, const std::vector<target_instance>& all) {
    std::vector<std::string> names;
    for (const target_instance& one : all)
        names.push_back(one.identity.name);
    const std::string meant = did_you_mean(wanted, names);
    return fmt::format("no StarRocks instance is called {}{}", terminal::shown(wanted),
                       meant.empty() ? ": " + known_names(all) : meant);
}

} // namespace

asio::awaitable<found_instances> find_instances(cloud_session& session, std::string wanted) {
    found_instances found;
    found.instances = configured(session);
    if (!wanted.empty()) {
        std::vector<target_instance> named = found.instances;
        keep_only(named, wanted);
        if (!named.empty()) {
            found.instances = std::move(named);
            co_return found;
        }
    }
    discoverer search(session, found);
    co_await search.run();
    remove_duplicate_instances(session, found.instances);
    std::sort(found.instances.begin(), found.instances.end(), [](const auto& a, const auto& b) {
        return std::tie(a.identity.project, a.identity.name) < std::tie(b.identity.project, b.identity.name);
    });
    if (wanted.empty())
        co_return found;
    std::string why = not_found(wanted, found.instances);
    keep_only(found.instances, wanted);
    if (found.instances.empty()) {
        for (const std::string& trouble : found.trouble)
            why += "; " + trouble;
        throw no_such_name(why);
    }
    found.trouble.clear();
    co_return found;
}

asio::awaitable<target_instance> find_instance(cloud_session& session, std::string wanted) {
    auto found = co_await find_instances(session, wanted);
    if (found.instances.size() != 1)
        throw no_such_name(fmt::format("several instances have the id {}; give the name of one of them: {}",
                                       terminal::shown(wanted), known_names(found.instances)));
    co_return std::move(found.instances.front());
}

} // namespace replmond::cli
