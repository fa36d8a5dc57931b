// Reads a report of `replmond doctor`: which answers it describes (docs/doctor.md).
#include "tests/simulator/likeness.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

constexpr std::string_view known_format = "replmond-doctor/1";
constexpr std::size_t longest_page = 100;

// The first project whose list had records.
std::optional<report_node> project_with_list(const report_node& root) {
    for (const auto& project : root.at("projects").items()) {
        const auto calls = project.at("calls");
        const auto list = calls.find("list");
        const auto record = list ? list->find("record") : std::nullopt;
        if (record && !record->members().empty())
            return project;
    }
    return std::nullopt;
}

// The most records of a page that had fewer than were asked for though more followed; nothing where there was
// none.
std::optional<std::size_t> short_page(const report_node& list) {
    std::optional<std::size_t> most;
    for (const auto& reading : list.at("readings").items()) {
        reading.allow({"limit", "pages"});
        const auto limit = reading.at("limit").count();
        if (limit < 1 || limit > longest_page)
            reading.at("limit").refuse(fmt::format("must be from 1 to {}", longest_page));
        std::size_t before = limit; // so that the first page is no short one
        for (const auto& page : reading.at("pages").items()) {
            page.allow({"offset", "records", "new", "total_count"});
            page.at("offset").count();
            if (page.at("new").count() > page.at("records").count())
                page.at("new").refuse("must not be more than 'records'");
            if (page.at("records").count() > limit)
                page.at("records").refuse(fmt::format("must not be more than 'limit', which is {}", limit));
            if (page.at("new").count() > 0 && before > 0 && before < limit)
                most = std::max(most.value_or(0), before);
            before = page.at("records").count();
        }
    }
    return most;
}

std::optional<total_count> read_total(const report_node& list) {
    const std::string word =
        list.at("total_counts").one_of({"all", "page", "other", "absent", "unreadable", "unknown"});
    if (word == "all")
        return total_count::records;
    if (word == "page")
        return total_count::page;
    if (word == "absent")
        return total_count::absent;
    if (word == "unreadable")
        return total_count::garbage;
    return word == "other" ? std::optional(total_count::changing) : std::nullopt;
}

std::optional<beyond_the_end> read_beyond(const report_node& list) {
    const auto node = list.find("beyond_the_end");
    if (!node)
        return std::nullopt;
    const std::string word = node->one_of({"empty", "repeats", "error"});
    if (word == "repeats")
        return beyond_the_end::repeats;
    return word == "error" ? beyond_the_end::error : beyond_the_end::empty;
}

// What one list does not tell, the next one may. Of short pages the longest counts: it is nearest to the
// limit.
void read_lists(const report_node& lists, likeness& like) {
    std::optional<total_count> total;
    std::optional<beyond_the_end> beyond;
    for (const auto& list : lists.items()) {
        list.allow({"instance", "tasks", "stages", "statuses", "readings", "total_counts", "short_pages",
                    "beyond_the_end"});
        if (const auto found = short_page(list))
            like.max_page = std::max(like.max_page.value_or(0), *found);
        if (const auto said = list.find("short_pages");
            said && said->boolean() != short_page(list).has_value())
            said->refuse("must be true where 'readings' has a short page that is followed by new records, "
                         "and only there");
        total = total ? total : read_total(list);
        beyond = beyond ? beyond : read_beyond(list);
    }
    like.total = total.value_or(total_count::records);
    like.beyond = beyond.value_or(beyond_the_end::empty);
}

} // namespace

likeness read_likeness(const std::string& report, const std::string& file) {
    boost::system::error_code ec;
    const json::value document = json::parse(report, ec);
    if (ec)
        throw report_error(fmt::format("{}: is not JSON: {}", file, ec.message()));
    const report_node root(file, "", document);
    if (const auto format = root.at("format"); format.text() != known_format)
        format.refuse(fmt::format("must be '{}', not '{}'", known_format, format.text()));
    const auto project = project_with_list(root);
    if (!project)
        root.at("projects").refuse("must have one whose calls.list has a 'record'");

    likeness like;
    const auto list = project->at("calls").at("list");
    list.allow({"answers", "body", "record"});
    like.wire = described_wire(read_fields(list.at("body")), read_fields(list.at("record")), list);
    read_lists(project->at("lists"), like);
    like.errors = read_error_forms(project->at("errors"));
    return like;
}

likeness load_likeness(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (in)
        text << in.rdbuf();
    if (!in)
        throw report_error(path + ": cannot be read");
    return read_likeness(text.str(), path);
}

void make_alike(scenario& described, const likeness& like) {
    for (auto& instance : described.instances) {
        instance.wire = like.wire;
        if (like.max_page)
            instance.max_page = like.max_page;
        if (instance.quirks.total == total_count::records)
            instance.quirks.total = like.total;
        instance.beyond = like.beyond;
    }
}

} // namespace replmond::simulator
