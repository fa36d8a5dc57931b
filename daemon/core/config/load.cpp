// Loads a configuration: reads the file, parses the YAML, reads its sections, and checks what concerns
// several sections.

#include "daemon/core/config/load.hpp"

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/read_project.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_reader.hpp"
#include "daemon/core/config/yaml_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace replmond::config {

namespace {

constexpr std::size_t largest_file = 1024 * 1024;

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

file_outcome failed(int code) {
    return {{}, std::error_code(code, std::generic_category())};
}

// Reads and closes the file. If `opened` is null, the error is in errno.
file_outcome read_all(std::FILE* opened) {
    // stdio is used instead of std::ifstream, because it sets errno.
    const std::unique_ptr<std::FILE, closer> file(opened);
    if (!file)
        return failed(errno);

    file_outcome outcome;
    std::array<char, 16 * 1024> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        outcome.content.append(buffer.data(), got);
        if (outcome.content.size() > largest_file)
            return failed(EFBIG);
    }
    if (std::ferror(file.get()) != 0)
        return failed(errno); // EISDIR for a directory
    return outcome;
}

class file_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "file"; }
    std::string message(int) const override { return "it is not a regular file"; }
};

file_outcome not_regular() {
    static const file_category category;
    return {{}, std::error_code(1, category)};
}

} // namespace

file_outcome read_file(const std::string& path) {
    // Without O_NONBLOCK, opening a FIFO that has no writer would block.
    const int opened = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (opened == -1 && errno == ENXIO) // open() of a socket (open(2))
        return not_regular();
    if (opened == -1)
        return failed(errno);
    struct stat found {};
    if (::fstat(opened, &found) != 0 || !S_ISREG(found.st_mode)) {
        ::close(opened);
        return S_ISDIR(found.st_mode) ? failed(EISDIR) : not_regular();
    }
    return read_all(::fdopen(opened, "rb"));
}

file_outcome read_file_or_pipe(const std::string& path) {
    std::FILE* const opened = std::fopen(path.c_str(), "rbe");
    struct stat found {};
    const bool is_regular =
        opened == nullptr || ::fstat(::fileno(opened), &found) != 0 || S_ISREG(found.st_mode);
    file_outcome outcome = read_all(opened);
    if (!is_regular)
        outcome.error_again = not_regular().error;
    return outcome;
}

lookup system_lookup() {
    lookup real;
    real.environment = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    real.read_file = read_file;
    real.read_at_start = read_file_or_pipe;
    return real;
}

namespace {

poll_settings read_poll(const yaml_place& place) {
    const yaml_map map(place, poll_keys());
    poll_settings poll;
    read_into(map, "interval", poll.interval);
    read_into(map, "timeout", poll.timeout);
    read_into(map, "page_size", poll.page_size);
    read_into(map, "concurrency", poll.concurrency);
    read_into(map, "stale_after", poll.stale_after);
    return poll;
}

alert_settings read_alerts(const yaml_place& place) {
    const yaml_map map(place, alert_keys());
    alert_settings alerts;
    read_into(map, "repeat_interval", alerts.repeat_interval);
    return alerts;
}

state_settings read_state(const yaml_place& place, const lookup& from) {
    const yaml_map map(place, state_keys());
    state_settings state;
    read_into(map, "retention", state.retention);
    if (const yaml_place* path = map.value("path")) {
        const std::string given = path->text().value_or("");
        state.path = given.empty() ? "" : beside_config(given, from);
        if (path->says(""))
            path->report("expected the path of a file; leave the key out to keep state in memory only");
    }
    return state;
}

settings read_settings(const yaml_place& root, const lookup& from) {
    const yaml_map map(root, root_keys());
    settings all;
    all.directory = from.directory;
    if (const yaml_place* poll = map.section("poll"))
        all.poll = read_poll(*poll);
    if (const yaml_place* alerts = map.section("alerts"))
        all.alerts = read_alerts(*alerts);
    if (const yaml_place* state = map.section("state"))
        all.state = read_state(*state, from);
    if (const yaml_place* projects = map.section("projects"))
        all.projects = read_projects(*projects, from);
    // Last, since instances refer to projects.
    if (const yaml_place* instances = map.section("instances"))
        all.instances = read_instances(*instances, all.poll, all.projects, from);
    return all;
}

void warn_of_idleness(const settings& all, std::vector<std::string>& warnings) {
    const bool discovers = std::any_of(all.projects.begin(), all.projects.end(),
                                       [](const auto& project) { return project.discover; });
    if (all.projects.empty())
        warnings.emplace_back("no projects are configured: nothing is polled");
    else if (all.instances.empty() && !discovers)
        warnings.emplace_back("no instances are configured and no project discovers any: nothing is polled");
}

void warn_of_twins(const settings& all, std::vector<std::string>& warnings) {
    std::map<std::string, std::string> first; // name by id
    for (const project_settings& project : all.projects) {
        if (!project.project_id)
            continue;
        const auto [known, is_new] = first.try_emplace(*project.project_id, project.name);
        if (!is_new)
            warnings.push_back(
                fmt::format("projects {} and {} have the same project_id: an instance of both is "
                            "polled once, by the entry that configures it; keep one of the entries",
                            known->second, project.name));
    }
}

} // namespace

std::vector<std::string> messages(const load_outcome& outcome) {
    std::vector<std::string> lines;
    for (const problem& each : outcome.problems)
        lines.push_back(to_string(outcome.file, each));
    return lines;
}

load_outcome load_text(std::string_view text, std::string file, const lookup& from) {
    load_outcome outcome;
    outcome.file = std::move(file);

    yaml_outcome yaml = parse_yaml(text);
    findings found;
    found.problems = std::move(yaml.problems);
    settings all;
    all.directory = from.directory;
    outcome.is_empty = yaml.root == nullptr || yaml.root->what == yaml_node::kind::null;
    if (!outcome.is_empty)
        all = read_settings(yaml_place(yaml.root, yaml.root->at, "", found), from);

    outcome.problems = std::move(found.problems);
    sort_problems(outcome.problems);
    if (!outcome.problems.empty())
        return outcome;
    outcome.warnings = std::move(found.warnings);
    warn_of_idleness(all, outcome.warnings);
    warn_of_twins(all, outcome.warnings);
    outcome.loaded = std::move(all);
    return outcome;
}

load_outcome load_file(const std::string& path, lookup from) {
    from.directory = std::filesystem::path(path).parent_path().string();
    if (from.directory.empty())
        from.directory = ".";
    file_digests files;
    from = noting_files(std::move(from), files);
    const file_outcome read = from.read_at_start ? from.read_at_start(path) : from.read_file(path);
    load_outcome outcome;
    if (!read.error) {
        outcome = load_text(read.content, path, from);
    } else {
        outcome.file = path;
        outcome.problems.push_back({0, 0, "cannot be read: " + read.error.message()});
    }
    outcome.files = std::move(files);
    return outcome;
}

} // namespace replmond::config
