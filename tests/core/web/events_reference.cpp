// docs/events.md, made from the tables of kinds and keys, and from one example of each.

#include "tests/core/web/events_reference.hpp"

#include "daemon/core/model/event_kinds.hpp"
#include "daemon/core/web/log_line.hpp"
#include "tests/core/web/event_examples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::web {

namespace {

constexpr std::string_view introduction =
    "# Events\n\n"
    "<!-- Generated from daemon/core/model/event_kinds.hpp by the test EventsReference: change that, not "
    "this page. -->\n\n"
    "replmond logs one line for each event, on stdout. The names of events and keys are stable: scripts may "
    "rely on them\n"
    "([upgrading.md](upgrading.md)). Texts in `msg` are for people, and may change in any release.\n\n"
    "```text\n{}\n```\n\n"
    "The same with `--log.format=json`:\n\n"
    "```json\n{}\n```\n\n"
    "- `time` is in UTC, with milliseconds. `level` is `DEBUG`, `INFO`, `WARN` or `ERROR`.\n"
    "- `project`, `starrocks_instance` and `task` say what the event is about. A key that does not apply is "
    "left out.\n"
    "- A key whose value is not known is left out too. No value is ever printed empty.\n"
    "- A value is quoted if it is empty or has a space, `=`, `\"`, a control character or a character "
    "outside ASCII.\n"
    "- No line holds a secret. No value from outside can begin a new line or a new key.\n"
    "- `event_id` numbers the events that are stored. They are marked with * below, and `replmond events` "
    "prints them.\n"
    "  See [state.md](state.md) for what is stored when.\n"
    "- `replayed=true` marks a line that is printed again after a crash. It has the `event_id` of the first "
    "one.\n";

constexpr std::string_view commands_note =
    "\nThese lines are printed on stderr, by `replmond task` and not by the daemon.\n";

constexpr auto sections = std::to_array<std::pair<event_section, std::string_view>>(
    {{event_section::tasks, "Tasks"},
     {event_section::lag, "Lag"},
     {event_section::polls, "Polls and requests"},
     {event_section::instances, "Instances and discovery"},
     {event_section::projects, "Credentials and budgets"},
     {event_section::daemon, "The daemon"},
     {event_section::commands, "Commands"}});

std::string in_code(std::string_view keys) {
    std::string text;
    while (!keys.empty()) {
        const std::string_view key = keys.substr(0, keys.find(','));
        text += fmt::format("{}`{}`", text.empty() ? "" : ", ", key);
        keys.remove_prefix(std::min(key.size() + 1, keys.size()));
    }
    return text;
}

void append_section(std::string& text, event_section section, std::string_view title,
                    const std::vector<event>& examples) {
    const auto out = std::back_inserter(text);
    fmt::format_to(
        out,
        "\n## {}\n{}\n| event | level | when | keys | and where known |\n| --- | --- | --- | --- | --- |\n",
        title, section == event_section::commands ? commands_note : "");
    for (const event_kind& kind : event_kinds) {
        if (kind.section == section)
            fmt::format_to(out, "| `{}`{} | {} | {} | {} | {} |\n", kind.name, kind.is_stored ? " *" : "",
                           kind.levels, kind.when, in_code(kind.keys), in_code(kind.may_have));
    }
    text += "\n```text\n";
    for (std::size_t i = 0; i < event_kinds.size() && i < examples.size(); ++i) {
        if (event_kinds[i].section == section)
            fmt::format_to(out, "{}\n", to_logfmt(examples[i]));
    }
    text += "```\n";
}

} // namespace

std::string events_reference() {
    const std::vector<event> examples = event_examples();
    std::string text = fmt::format(introduction, to_logfmt(examples.front()), to_json(examples.front()));
    for (const auto& [section, title] : sections)
        append_section(text, section, title, examples);
    text += "\n## Keys\n\n| key | form | meaning |\n| --- | --- | --- |\n";
    for (const event_key& key : event_keys)
        fmt::format_to(std::back_inserter(text), "| `{}` | {} | {} |\n", key.name, key.form, key.meaning);
    text += "\nSeconds are numbers with at most three decimals. Times are like `time`. In JSON, numbers are "
            "numbers, and true\n"
            "and false are booleans.\n";
    return text;
}

} // namespace replmond::web
