// `replmond doctor`: one project after the other, then what their lists are like, and the report.

#include "daemon/cli/doctor.hpp"

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/cli/doctor_project.hpp"
#include "daemon/cli/flags.hpp"
#include "daemon/cli/spinner.hpp"
#include "daemon/cli/write_report.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/doctor/report.hpp"
#include "daemon/core/doctor/text_report.hpp"
#include "daemon/core/model/version.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/service/load_configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

asio::awaitable<int> run_check(project_check& check) {
    co_await check.run();
    co_return 0;
}

// By name or id; null: none is configured so, or no name is given.
const config::instance_settings* find_configured(const config::settings& all, const std::string& name) {
    const auto found = std::find_if(all.instances.begin(), all.instances.end(),
                                    [&](const auto& each) { return each.name == name || each.id == name; });
    return name.empty() || found == all.instances.end() ? nullptr : &*found;
}

class diagnosis {
public:
    diagnosis(const doctor_arguments& arguments, config::lookup places, console& out)
        : arguments_(arguments), places_(std::move(places)), out_(out), began_(clock::now()) {}

    // Returns false after a signal.
    bool run(const config::settings& all) {
        for (const config::project_settings& project : chosen(all)) {
            const int number = check(all, project);
            if (number != 0) {
                signal_ = number;
                return false;
            }
        }
        found_.version = std::string(version);
        found_.took = std::chrono::duration_cast<milliseconds>(clock::now() - began_);
        return true;
    }

    int signal() const { return signal_; }
    const doctor::findings& found() const { return found_; }
    /// Why `--instance` names nothing; nothing where it names something, or is not given.
    std::optional<std::string> no_such_instance() const {
        return found_instance_ ? std::nullopt : no_such_instance_;
    }

    int exit_with(int code) const {
        for (const auto& session : sessions_)
            session->exit_with(code);
        return code;
    }

private:
    bool is_text() const { return arguments_.output == doctor_output::text; }

    // A configured instance is of one project; a discovered one may be of any.
    std::vector<config::project_settings> chosen(const config::settings& all) const {
        std::vector<config::project_settings> projects = all.projects;
        if (!arguments_.project.empty())
            std::erase_if(projects, [&](const auto& each) { return each.name != arguments_.project; });
        if (const auto* configured = find_configured(all, arguments_.instance))
            std::erase_if(projects, [&](const auto& each) { return each.name != configured->project; });
        return projects;
    }

    // The number of the signal that ended it; 0: none. Each project has a session of its own, so that what
    // fails in one costs no other anything.
    int check(const config::settings& all, const config::project_settings& project) {
        config::settings only = all;
        std::erase_if(only.projects, [&](const auto& each) { return each.name != project.name; });
        std::erase_if(only.instances, [&](const auto& each) { return each.project != project.name; });
        const auto log = [this](const event& e) {
            if (e.level == severity::debug)
                out_.log(e); // steps say what the others would
        };
        sessions_.push_back(std::make_unique<cloud_session>(std::move(only), places_, log));
        cloud_session& session = *sessions_.back();
        spinner at_work(session, out_, is_text());
        at_work.start();
        if (is_text())
            out_.line(fmt::format("project {} in {}", terminal::shown(project.name),
                                  terminal::shown(project.region)));
        project_check checking(session, session.settings().projects.front(), arguments_.instance, at_work,
                               [this](const doctor::step_result& ended) { print(ended); });
        const auto end = session.run(run_check(checking));
        out_.end_live();
        found_.projects.push_back(checking.findings());
        found_instance_ = found_instance_ || checking.found_instance();
        no_such_instance_ = checking.no_such_instance();
        return end.signal;
    }

    void print(const doctor::step_result& ended) {
        if (!is_text())
            return;
        std::string text = doctor::line_of(ended, console::wrap_columns());
        text.pop_back(); // line() adds the line break
        out_.line(text);
    }

    const doctor_arguments& arguments_;
    config::lookup places_;
    console& out_;
    clock::time_point began_;
    std::vector<std::unique_ptr<cloud_session>> sessions_; ///< until the end: see exit_with()
    doctor::findings found_;
    int signal_ = 0;
    bool found_instance_ = false;
    std::optional<std::string> no_such_instance_;
};

std::optional<std::string> unknown_project(const doctor_arguments& arguments, const config::settings& all) {
    std::vector<std::string> names;
    for (const config::project_settings& each : all.projects)
        names.push_back(each.name);
    if (arguments.project.empty() || std::find(names.begin(), names.end(), arguments.project) != names.end())
        return std::nullopt;
    return fmt::format("--project: no project is called {}{}", terminal::shown(arguments.project),
                       did_you_mean(arguments.project, names));
}

// Of an instance that is configured, in another project.
std::optional<std::string> instance_of_another(const doctor_arguments& arguments,
                                               const config::settings& all) {
    const auto* found = find_configured(all, arguments.instance);
    if (arguments.project.empty() || found == nullptr || found->project == arguments.project)
        return std::nullopt;
    return fmt::format("--instance: {} is an instance of project {}, not of {}",
                       terminal::shown(arguments.instance), terminal::shown(found->project),
                       terminal::shown(arguments.project));
}

void print(const doctor::findings& found, const doctor_arguments& arguments, console& out) {
    std::string text = arguments.output == doctor_output::json
                           ? doctor::to_json(found, doctor::audience::owner)
                           : doctor::describe_questions(found, console::wrap_columns());
    text.pop_back(); // line() adds the line break
    out.line(text);
}

int conclude(const diagnosis& made, const doctor_arguments& arguments, console& out) {
    if (const auto why = made.no_such_instance()) {
        out.mistake(*why);
        return 1;
    }
    print(made.found(), arguments, out);
    if (!arguments.report.empty()) {
        const std::string wrong =
            write_report(arguments.report, doctor::to_json(made.found(), doctor::audience::strangers));
        if (!wrong.empty()) {
            out.error(terminal::shown(wrong));
            return 1;
        }
        out.footer(
            fmt::format("{} can be shown to strangers; look at it first", terminal::shown(arguments.report)));
    }
    if (!out.flush()) {
        out.error("cannot write to stdout");
        return 1;
    }
    return doctor::worst_of(made.found()) == doctor::verdict::fail ? 1 : 0;
}

} // namespace

int diagnose(const doctor_arguments& arguments) {
    constexpr int by_a_signal = 128;
    console out(arguments.common, "replmond doctor");
    const config::lookup places = config::system_lookup();
    const auto outcome = service::load_configuration(arguments.common.config_file, places);
    if (!outcome.loaded) {
        for (const std::string& mistake : config::messages(outcome))
            out.error(terminal::shown(mistake));
        return 1;
    }
    if (const auto mistake = unknown_project(arguments, *outcome.loaded)) {
        out.mistake(*mistake);
        return 1;
    }
    if (const auto mistake = instance_of_another(arguments, *outcome.loaded)) {
        out.mistake(*mistake);
        return 1;
    }
    try {
        diagnosis made(arguments, places, out);
        if (!made.run(*outcome.loaded))
            return made.exit_with(by_a_signal + made.signal());
        return made.exit_with(conclude(made, arguments, out));
    } catch (const std::exception& e) {
        out.error(terminal::shown(e.what()));
        return 1;
    }
}

} // namespace replmond::cli
