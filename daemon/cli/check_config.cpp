// `replmond check-config`: prints what is wrong with a configuration. With --online it asks the cloud whether
// it accepts each credential.

#include "daemon/cli/check_config.hpp"

#include "daemon/cli/check_databases.hpp"
#include "daemon/cli/config_summary.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/cloud/connect_project.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/load_configuration.hpp"
#include "daemon/service/web_auth.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

result<cloud::credential_proof> prove(const config::project_settings& project, milliseconds timeout,
                                      const config::lookup& places,
                                      const std::shared_ptr<client::resolver>& names, console& out) {
    asio::io_context context(1);
    cloud::project_callbacks callbacks;
    callbacks.request = [&out, name = project.name](const cloud::sent_request& sent) {
        out.log(cloud::request_event(name, sent, net::wall_clock()));
    };
    callbacks.credential.log = [](event) {};
    callbacks.credential.state = [](bool, std::optional<timestamp>) {};
    callbacks.permits = std::make_shared<cloud::unlimited_permits>();
    const auto api =
        cloud::connect_project(context.get_executor(), project, timeout, places, names, std::move(callbacks));

    std::exception_ptr broken;
    std::optional<result<cloud::credential_proof>> outcome;
    asio::co_spawn(context, api->prove(timeout),
                   [&](const std::exception_ptr& error, result<cloud::credential_proof> proof) {
                       broken = error;
                       outcome = std::move(proof);
                   });
    context.run();
    if (broken)
        std::rethrow_exception(broken);
    return std::move(*outcome);
}

// An error of this host, such as an invalid proxy in the environment, is reported for that project only.
result<cloud::credential_proof> prove_anyway(const config::project_settings& project, milliseconds timeout,
                                             const config::lookup& places,
                                             const std::shared_ptr<client::resolver>& names, console& out) {
    try {
        return prove(project, timeout, places, names, out);
    } catch (const std::runtime_error& e) {
        failure f;
        f.error_msg = e.what();
        // The output line begins with it already.
        const std::string prefix = fmt::format("project {}: ", project.name);
        if (f.error_msg.starts_with(prefix))
            f.error_msg.erase(0, prefix.size());
        return f;
    }
}

std::string describe(const cloud::credential_proof& proof) {
    const std::string life =
        proof.expires_at ? "expires " + to_rfc3339(*proof.expires_at) : "no end of it is known";
    std::string text = fmt::format("{} is accepted; project id {}; {}", proof.source, proof.project_id, life);
    if (proof.not_allowed)
        text += fmt::format("; but it may not list instances: {} {} {}", proof.not_allowed->http_status,
                            proof.not_allowed->error_code, proof.not_allowed->error_msg);
    return text;
}

std::string describe(const failure& why) {
    const char* verdict = why.result == poll_result::auth ? "refused" : "could not be proven";
    std::string status = why.http_status == 0 ? "" : fmt::format("{} ", why.http_status);
    std::string code = why.error_code.empty() ? "" : why.error_code + ' ';
    return fmt::format("{}: {}{}{}", verdict, status, code, why.error_msg);
}

} // namespace

bool prove_credentials(const config::settings& loaded, config::lookup places, console& out) {
    places.directory = loaded.directory;
    const auto names = std::make_shared<client::resolver>();
    bool all = true;
    for (const config::project_settings& project : loaded.projects) {
        const auto proof = prove_anyway(project, loaded.poll.timeout, places, names, out);
        std::cout << fmt::format("  project {}: {}\n", project.name,
                                 proof ? describe(*proof) : describe(proof.error()))
                  << std::flush;
        all = all && proof.has_value();
    }
    return all;
}

namespace {

// Loads it as the daemon does, so that OpenSSL checks certificate and key too.
bool check_web_config(const std::string& file, const config::lookup& places) {
    boost::asio::io_context none;
    const service::web_auth auth(none.get_executor(), file, places);
    const auto prepared = auth.prepare();
    if (!prepared.mistakes.empty()) {
        std::cerr << prepared.mistakes << std::endl;
        return false;
    }
    const auto& settings = prepared.settings;
    std::cout << fmt::format("{}: OK\n  {}, {}\n", file, settings.tls ? "TLS" : "no TLS",
                             settings.users.empty() ? "no passwords" : plural(settings.users.size(), "user"))
              << std::flush;
    return true;
}

} // namespace

int check_config(const check_config_arguments& arguments) {
    const config::lookup places = config::system_lookup();
    const auto outcome = service::load_configuration(arguments.common.config_file, places);
    const bool good = outcome.loaded.has_value();
    (good ? std::cout : std::cerr) << describe(outcome) << std::flush;
    const bool is_web_good =
        arguments.web_config_file.empty() || check_web_config(arguments.web_config_file, places);
    if (!good || !is_web_good)
        return 1;
    const bool is_beyond_doubt = !arguments.strict || warnings_of(outcome).empty();
    if (!arguments.online)
        return is_beyond_doubt ? 0 : 1;
    console out(arguments.common, "replmond check-config");
    if (!prove_credentials(*outcome.loaded, places, out))
        return 1;
    const int databases = measures_lag(*outcome.loaded) ? check_databases(arguments.common, out) : 0;
    return is_beyond_doubt ? databases : 1;
}

} // namespace replmond::cli
