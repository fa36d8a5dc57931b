#include "daemon/cli/prove_credentials.hpp"

#include "daemon/cli/connect_project.hpp"
#include "daemon/monitor/clocks.hpp"

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
                                      const std::shared_ptr<net::resolver>& names, console& out) {
    asio::io_context context(1);
    project_hooks hooks;
    hooks.request = [&out, name = project.name](const cloud::sent_request& sent) {
        out.say(cloud::request_event(name, sent, monitor::wall_clock()));
    };
    hooks.credential.say = [](event) {};
    hooks.credential.state = [](bool, std::optional<timestamp>) {};
    hooks.gate = std::make_shared<cloud::open_gate>();
    const auto api =
        connect_project(context.get_executor(), project, timeout, places, names, std::move(hooks));

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

// What this host lacks, such as a proxy that the environment names wrongly, is one project's trouble.
result<cloud::credential_proof> prove_anyway(const config::project_settings& project, milliseconds timeout,
                                             const config::lookup& places,
                                             const std::shared_ptr<net::resolver>& names, console& out) {
    try {
        return prove(project, timeout, places, names, out);
    } catch (const std::runtime_error& e) {
        failure f;
        f.error_msg = e.what();
        const std::string prefix = fmt::format("project {}: ", project.name); // the line begins with it
        if (f.error_msg.starts_with(prefix))
            f.error_msg.erase(0, prefix.size());
        return f;
    }
}

std::string describe(const cloud::credential_proof& proof) {
    const std::string life =
        proof.expires_at ? "expires " + to_rfc3339(*proof.expires_at) : "does not expire";
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
    const auto names = std::make_shared<net::resolver>();
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

} // namespace replmond::cli
