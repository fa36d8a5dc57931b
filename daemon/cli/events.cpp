// `replmond events`: reads the state file, also while the daemon writes it. With --follow it
// looks into it again and again.

#include "daemon/cli/events.hpp"

#include "daemon/cli/command_end.hpp"
#include "daemon/cli/flags.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/load_configuration.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/event_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <iostream>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace replmond::cli {

namespace {

int refuse(const std::string& why) {
    std::cerr << "replmond: " << why << std::endl;
    return 1;
}

// The path of the state file, or why it is not known.
std::pair<std::string, std::string> find_state(const events_arguments& arguments) {
    if (arguments.state_path)
        return {*arguments.state_path, ""};
    const auto outcome = service::load_configuration(arguments.common.config_file, config::system_lookup());
    if (!outcome.loaded)
        return {"", fmt::format("{} (--state.path=FILE goes without the configuration)",
                                config::messages(outcome).front())};
    if (outcome.loaded->state.path.empty())
        return {"", fmt::format("{} has no state.path: events are kept in memory only", outcome.file)};
    return {outcome.loaded->state.path, ""};
}

} // namespace

std::optional<timestamp> parse_since(std::string_view text, timestamp now) {
    if (const auto time = parse_moment(text))
        return time;
    if (const auto back = config::parse_duration(text))
        return now - *back;
    return std::nullopt;
}

const std::vector<std::string>& stored_event_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> stored;
        for (const event_kind& kind : event_kinds) {
            if (kind.is_stored)
                stored.emplace_back(kind.name);
        }
        return stored;
    }();
    return names;
}

namespace {

constexpr milliseconds between_looks{500};
constexpr std::size_t most_at_once = 1'000; // events that are read before they are printed

store::event_query query_of(const events_arguments& arguments) {
    store::event_query query;
    if (arguments.since)
        query.since = parse_since(*arguments.since, net::wall_clock()).value();
    query.instance = arguments.instance;
    query.task = arguments.task;
    query.least = arguments.least;
    query.names = arguments.names;
    query.limit = arguments.limit;
    return query;
}

// A file that stays the same file, whatever becomes of its name: as long as it is held, no other one has its
// inode. Opened for nothing (O_PATH), since closing a file that is open for reading would take SQLite's locks
// of this process away.
class held_file {
public:
    held_file() = default;
    explicit held_file(const std::string& path) : descriptor_(::open(path.c_str(), O_PATH | O_CLOEXEC)) {}
    held_file(held_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    held_file& operator=(held_file&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~held_file() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }

    bool is(const std::string& path) const {
        struct stat here {};
        struct stat there {};
        return ::fstat(descriptor_, &here) == 0 && ::stat(path.c_str(), &there) == 0 &&
               here.st_dev == there.st_dev && here.st_ino == there.st_ino;
    }

private:
    int descriptor_ = -1;
};

void add_hint(std::vector<std::string>& hints, std::string_view what, const std::string& name,
              const std::vector<std::string>& known) {
    if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end())
        hints.push_back(fmt::format("no event of {} {} is stored{}", what, terminal::shown(name),
                                    did_you_mean(name, known)));
}

// A name with a mistake matches nothing, which looks like a quiet day.
std::vector<std::string> hints_for(const store::event_query& query, store::connection& file) {
    std::vector<std::string> hints;
    if (query.instance.empty() && query.task.empty())
        return hints;
    if (const auto names = store::read_event_names(file)) {
        add_hint(hints, "instance", query.instance, names->instances);
        add_hint(hints, "task", query.task, names->tasks);
    }
    return hints;
}

// Prints events of a state file that may be written, and replaced by another one, meanwhile.
class event_printer {
public:
    event_printer(std::string path, store::event_query query, web::log_format format)
        : path_(std::move(path)), query_(std::move(query)), format_(format) {}

    // Prints what is stored now.
    store::outcome<void> print_stored() {
        looked_ = net::wall_clock();
        auto file = store::open_for_reading(path_);
        if (!file)
            return file.error();
        place_ = held_file(path_);
        // Taken before the events are read, so that none is left out. What is stored in between is printed
        // when it is looked for the next time.
        const auto last = store::last_event_id(*file);
        if (!last)
            return last.error();
        // Reads all events before printing: an open read transaction while a pager waits would keep the
        // daemon from resetting its WAL (SQLite documentation, "Write-Ahead Logging").
        auto events = store::read_events(*file, query_);
        if (!events)
            return events.error();
        if (events->empty())
            hints_ = hints_for(query_, *file);
        std::reverse(events->begin(), events->end());
        for (const store::kept_event& event : *events) {
            if (event.what.id.value_or(0) <= *last)
                print(event);
        }
        last_ = *last;
        std::cout.flush();
        return {};
    }

    // After print_stored(): a line for each name of the query that no stored event is of.
    const std::vector<std::string>& hints() const { return hints_; }

    // Prints what was stored since. The file is opened anew, since another one may have taken its place.
    store::outcome<void> print_new() {
        const timestamp now = net::wall_clock();
        auto file = store::open_for_reading(path_);
        if (!file)
            return file.error();
        if (!place_.is(path_)) {
            // The ids of another file may begin anew. It may also be an older copy of the one before, whose
            // events were printed.
            place_ = held_file(path_);
            printed_id_ = std::exchange(last_, 0);
            printed_until_ = looked_;
        }
        const auto last = store::last_event_id(*file);
        if (!last)
            return last.error();
        while (last_ < *last) {
            const auto events = store::read_events_above(*file, last_, most_at_once);
            if (!events)
                return events.error();
            if (events->empty())
                break;
            for (const store::kept_event& event : *events) {
                last_ = event.what.id.value_or(last_);
                const bool is_new = last_ > printed_id_ || event.what.time > printed_until_;
                if (is_new && store::admits(query_, event))
                    print(event);
            }
            std::cout.flush();
        }
        last_ = std::max(last_, *last);
        looked_ = now;
        return {};
    }

private:
    void print(const store::kept_event& event) { std::cout << web::to_line(event.what, format_) << '\n'; }

    std::string path_;
    store::event_query query_;
    web::log_format format_;
    std::vector<std::string> hints_;
    held_file place_;              ///< the file that was read last
    std::uint64_t last_ = 0;       ///< the last event of it that was read
    timestamp looked_{};           ///< when it was read last
    std::uint64_t printed_id_ = 0; ///< of the file before: its last event, and when it was read last
    timestamp printed_until_{};
};

// A reader that has gone is no mistake of anybody.
int end_of_output() {
    return errno == EPIPE ? 0 : refuse("cannot write to stdout");
}

// Trouble may pass: the daemon may be putting a new file in the place of a damaged one.
int follow(event_printer& events, const std::string& path, command_end& end) {
    std::string told;
    while (!end.comes_within(between_looks)) {
        errno = 0;
        const auto done = events.print_new();
        if (!std::cout)
            return end_of_output();
        const std::string trouble = done ? "" : done.error().text;
        if (trouble != told && !trouble.empty())
            refuse(fmt::format("state file {}: {}; replmond looks for it again", path, trouble));
        told = trouble;
    }
    return 0;
}

} // namespace

int show_events(const events_arguments& arguments) {
    auto query = query_of(arguments);
    const auto [path, why] = find_state(arguments);
    if (!why.empty())
        return refuse(why);
    std::optional<command_end> end;
    if (arguments.follow)
        end.emplace();
    event_printer events(path, std::move(query), arguments.output);
    errno = 0;
    const auto done = events.print_stored();
    if (!done)
        return refuse(fmt::format("state file {}: {}", path, done.error().text));
    if (!std::cout)
        return end_of_output();
    for (const std::string& hint : events.hints())
        std::cerr << "replmond: " << hint << std::endl;
    return end ? follow(events, path, *end) : 0;
}

} // namespace replmond::cli
