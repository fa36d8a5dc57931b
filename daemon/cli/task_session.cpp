#include "daemon/cli/task_session.hpp"

#include "daemon/cli/load_configuration.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/config/file.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace replmond::cli {
namespace {

constexpr int by_signal = 128;

} // namespace

int run_session(const common_arguments& arguments, console& out, const session_work& work,
                const std::function<void()>& interrupted) {
    const config::lookup places = config::system_lookup();
    auto outcome = load_configuration(arguments.config_file, places);
    if (!outcome.loaded) {
        for (const std::string& mistake : config::messages(outcome))
            out.error(shown(mistake));
        return 1;
    }
    try {
        cloud_session session(std::move(*outcome.loaded), places, [&out](const event& e) { out.say(e); });
        const auto end = session.run(work(session));
        if (end.signal != 0 && interrupted)
            interrupted();
        const bool printed = out.flush();
        if (!printed)
            out.error("cannot write to stdout");
        return session.leave(end.signal != 0 ? by_signal + end.signal : printed ? end.code : 1);
    } catch (const std::exception& e) {
        out.error(shown(e.what()));
        return 1;
    }
}

} // namespace replmond::cli
